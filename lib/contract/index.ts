import * as channels from './channels.ts';
import * as chats from './chats.ts';
import * as clients from './clients.ts';
import * as health from './health.ts';
import * as messages from './messages.ts';
import * as operations from './operations.ts';
import type { Route } from './route.ts';

/** Every endpoint with a JSON contract. Webhooks and the documentation pages have their own forms. */
export const routes: readonly Route[] = [clients, chats, messages, channels, operations, health]
  .flatMap((area) => Object.values<unknown>(area))
  .filter(
    (value): value is Route => typeof value === 'object' && value !== null && 'path' in value && 'method' in value,
  );
