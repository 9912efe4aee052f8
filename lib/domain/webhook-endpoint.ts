import * as z from 'zod';
import {
  WebhookEndpointSchema,
  type WebhookAttempt,
  type WebhookEndpoint,
  type WebhookEndpointInput,
} from '../contract/webhook-endpoints.ts';
import { WebhookEndpointIdSchema } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';

/** An endpoint as it is stored. */
export const WebhookEndpointRecordSchema = WebhookEndpointSchema.extend({
  /** Encrypted, the newest first; a former one signs beside it until then. */
  secrets: z.array(z.object({ sealed: z.string(), until: z.string().nullable() })).min(1),
  /** Of which version administrators were told that it was disabled. */
  warnedAt: z.int().default(0),
  revision: z.int(),
});
export type WebhookEndpointRecord = z.infer<typeof WebhookEndpointRecordSchema>;

export const MOST_ENDPOINTS = 20;

const statusOf = ({ status }: WebhookEndpointInput): Pick<WebhookEndpoint, 'status' | 'disabledBecause'> => ({
  status,
  disabledBecause: status === 'active' ? null : 'asked',
});

export const newEndpointId = (act: Act) => WebhookEndpointIdSchema.parse(act.newId());

export const newEndpoint = (
  act: Act,
  id: WebhookEndpoint['id'],
  input: WebhookEndpointInput,
  sealed: string,
): WebhookEndpointRecord => {
  const createdAt = instant(act.now());
  return {
    id,
    url: input.url,
    description: input.description,
    eventTypes: input.eventTypes,
    ...statusOf(input),
    failingSince: null,
    secrets: [{ sealed, until: null }],
    warnedAt: 0,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    revision: 1,
  };
};

/** Whoever has it go on, or elsewhere, gives it another chance. */
export const replacedEndpoint = (
  act: Act,
  before: WebhookEndpointRecord,
  input: WebhookEndpointInput,
): WebhookEndpointRecord => ({
  ...before,
  url: input.url,
  description: input.description,
  eventTypes: input.eventTypes,
  ...(input.status === 'disabled' && before.status === 'disabled' ? {} : statusOf(input)),
  failingSince: input.status === 'active' ? null : before.failingSince,
  updatedAt: instant(act.now()),
  version: before.version + 1,
});

const DAY_SECONDS = 24 * 3600;

/** As many sign at the same moment: whoever changes a secret twice within a day loses none of those that still count. */
const MOST_SECRETS = 4;

/** Which secrets sign now, the newest first. */
export const signingSecrets = ({ secrets }: WebhookEndpointRecord, now: string): WebhookEndpointRecord['secrets'] =>
  secrets.filter(({ until }) => until === null || until > now);

export const rotatedEndpoint = (act: Act, before: WebhookEndpointRecord, sealed: string): WebhookEndpointRecord => {
  const until = secondsAfter(act.now(), DAY_SECONDS);
  const former = signingSecrets(before, instant(act.now()))
    .slice(0, MOST_SECRETS - 1)
    .map((secret) => ({ ...secret, until: secret.until ?? until }));
  return {
    ...before,
    secrets: [{ sealed, until: null }, ...former],
    updatedAt: instant(act.now()),
    version: before.version + 1,
  };
};

export const wants = ({ status, eventTypes }: WebhookEndpoint, type: string): boolean =>
  status === 'active' && (eventTypes.includes(type) || eventTypes.includes('*'));

/** https://www.rfc-editor.org/rfc/rfc9110#name-410-gone */
const GONE = 410;

export const isTaken = ({ status }: WebhookAttempt): boolean => status !== null && status >= 200 && status < 300;

/** Nothing taken for so long, and it is told no more. */
const PATIENCE_SECONDS = 3 * DAY_SECONDS;
/** As often, over half an hour and more, the same thing was not taken: who hears seldom may have failed long ago, and but for a moment now. */
const PATIENCE_TRIES = 5;

/**
 * The endpoint after an attempt; the same when that changes nothing.
 *
 * @param tries how many this delivery has had, with this one
 */
export const afterAttempt = (
  act: Act,
  endpoint: WebhookEndpointRecord,
  attempt: WebhookAttempt,
  tries: number,
): WebhookEndpointRecord => {
  if (isTaken(attempt)) return endpoint.failingSince === null ? endpoint : { ...endpoint, failingSince: null };
  const now = instant(act.now());
  const failingSince = endpoint.failingSince ?? now;
  const isWornOut = tries >= PATIENCE_TRIES && secondsAfter(new Date(failingSince), PATIENCE_SECONDS) <= now;
  const disabledBecause = attempt.status === GONE ? 'gone' : isWornOut ? 'failing' : null;
  if (endpoint.status === 'active' && disabledBecause !== null) {
    return {
      ...endpoint,
      failingSince,
      status: 'disabled',
      disabledBecause,
      updatedAt: now,
      version: endpoint.version + 1,
    };
  }
  return endpoint.failingSince === null ? { ...endpoint, failingSince } : endpoint;
};
