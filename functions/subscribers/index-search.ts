import { indexSearchOf } from '../../lib/messaging/index-search.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';

/** Posts clients, notes and messages under the words that find them. */
export const handler = subscribe(indexSearchOf);
