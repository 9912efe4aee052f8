import { isDeepStrictEqual } from 'node:util';
import type { Act } from './act.ts';
import { touched, type ClientRecord } from './client.ts';
import { withoutTags, withTags } from './tag.ts';

const tagged = (act: Act, client: ClientRecord, tags: readonly string[]): ClientRecord | undefined =>
  isDeepStrictEqual(tags, client.tags) ? undefined : touched(act, client, { tags: [...tags] }, false);

/** The client with these tags as well; undefined when it has them all. @throws Failure `tag.limit` */
export const tagClient = (act: Act, client: ClientRecord, tags: readonly string[]): ClientRecord | undefined =>
  tagged(act, client, withTags(client.tags, tags));

/** The client without these tags; undefined when it has none of them. */
export const untagClient = (act: Act, client: ClientRecord, tags: readonly string[]): ClientRecord | undefined =>
  tagged(act, client, withoutTags(client.tags, tags));
