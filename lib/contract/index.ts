import * as attempts from './attempts.ts';
import * as audit from './audit.ts';
import * as channels from './channels.ts';
import * as chats from './chats.ts';
import * as clientConsents from './client-consents.ts';
import * as clients from './clients.ts';
import * as customFields from './custom-fields.ts';
import * as deadLetters from './dead-letters.ts';
import * as exports from './exports.ts';
import * as health from './health.ts';
import * as history from './history.ts';
import * as imports from './imports.ts';
import * as interactions from './interactions.ts';
import * as merge from './merge.ts';
import * as messages from './messages.ts';
import * as notes from './notes.ts';
import * as privacy from './privacy.ts';
import * as realtime from './realtime.ts';
import type { Route } from './route.ts';
import * as reconciliations from './reconciliations.ts';
import * as scheduled from './scheduled.ts';
import * as search from './search.ts';
import * as segments from './segments.ts';
import * as settings from './settings.ts';
import * as stats from './stats.ts';
import * as tags from './tags.ts';
import * as telegramLink from './telegram-link.ts';
import * as templates from './templates.ts';
import * as uploads from './uploads.ts';
import * as users from './users.ts';
import * as webhookEndpoints from './webhook-endpoints.ts';

/** Every endpoint with a JSON contract. Webhooks and the documentation pages have their own forms. */
export const routes: readonly Route[] = [
  clients,
  clientConsents,
  customFields,
  search,
  tags,
  segments,
  merge,
  history,
  chats,
  messages,
  attempts,
  scheduled,
  uploads,
  channels,
  reconciliations,
  templates,
  notes,
  interactions,
  users,
  webhookEndpoints,
  telegramLink,
  settings,
  stats,
  audit,
  realtime,
  privacy,
  imports,
  exports,
  deadLetters,
  health,
]
  .flatMap((area) => Object.values<unknown>(area))
  .filter(
    (value): value is Route => typeof value === 'object' && value !== null && 'path' in value && 'method' in value,
  );
