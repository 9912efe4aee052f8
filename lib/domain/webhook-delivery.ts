import * as z from 'zod';
import { WebhookDeliverySchema, type WebhookAttempt } from '../contract/webhook-endpoints.ts';
import { EventIdSchema, type WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';
import { isTaken } from './webhook-endpoint.ts';

/** A delivery as it is stored: what it carries stays where the event stands, so that erasing the one erases the other. */
export const WebhookDeliveryRecordSchema = WebhookDeliverySchema.extend({
  /** In which collection the event stands. */
  home: z.string(),
  /** How often it was tried since it was first, or last, asked for. */
  tries: z.int(),
  /** Makes each of its queue entries its own. */
  turn: z.int(),
  lease: z.object({ token: z.string(), until: z.string() }).nullable(),
  /** Seconds since 1970. */
  expiresAt: z.int(),
  revision: z.int(),
});
export type WebhookDeliveryRecord = z.infer<typeof WebhookDeliveryRecordSchema>;

const KEPT_SECONDS = 14 * 24 * 3600;
const MOST_ATTEMPTS_SHOWN = 20;

/** Seconds from one try to the next; a day altogether. */
const WAITS = [5, 60, 300, 1800, 3600, 7200, 14_400, 21_600, 36_000];

/** @param lookAfterSeconds when its queue entry counts as lost */
export const newDelivery = (
  act: Act,
  endpointId: WebhookEndpointId,
  event: { readonly id: string; readonly type: string },
  home: string,
  lookAfterSeconds: number,
): WebhookDeliveryRecord => ({
  id: EventIdSchema.parse(event.id),
  endpointId,
  eventType: event.type,
  state: 'pending',
  attempts: [],
  nextAttemptAt: secondsAfter(act.now(), lookAfterSeconds),
  createdAt: instant(act.now()),
  home,
  tries: 0,
  turn: 1,
  lease: null,
  expiresAt: Math.floor(act.now().getTime() / 1000) + KEPT_SECONDS,
  revision: 1,
});

/** Whether somebody else delivers it, or nobody has to. */
export const isHeld = ({ state, lease }: WebhookDeliveryRecord, now: string): boolean =>
  state === 'delivered' || state === 'failed' || (lease !== null && lease.until > now);

export const claimed = (
  delivery: WebhookDeliveryRecord,
  lease: NonNullable<WebhookDeliveryRecord['lease']>,
): WebhookDeliveryRecord => ({ ...delivery, state: 'delivering', lease, nextAttemptAt: lease.until });

/** The delivery after it was tried. */
export const tried = (act: Act, delivery: WebhookDeliveryRecord, attempt: WebhookAttempt): WebhookDeliveryRecord => {
  const wait = WAITS[delivery.tries];
  const attempts = [...delivery.attempts, attempt].slice(-MOST_ATTEMPTS_SHOWN);
  const done = { ...delivery, attempts, tries: delivery.tries + 1, lease: null };
  if (isTaken(attempt)) return { ...done, state: 'delivered', nextAttemptAt: null };
  if (wait === undefined) return { ...done, state: 'failed', nextAttemptAt: null };
  return { ...done, state: 'pending', nextAttemptAt: secondsAfter(act.now(), wait) };
};

/** Nobody can deliver it any more. */
export const givenUp = (delivery: WebhookDeliveryRecord): WebhookDeliveryRecord => ({
  ...delivery,
  state: 'failed',
  lease: null,
  nextAttemptAt: null,
});

/** It goes on the queue again. */
export const nextTurn = (
  act: Act,
  delivery: WebhookDeliveryRecord,
  lookAfterSeconds: number,
): WebhookDeliveryRecord => ({
  ...delivery,
  state: 'pending',
  lease: null,
  turn: delivery.turn + 1,
  nextAttemptAt: secondsAfter(act.now(), lookAfterSeconds),
});

/** It is delivered again, as if it never had been. */
export const replayed = (
  act: Act,
  delivery: WebhookDeliveryRecord,
  lookAfterSeconds: number,
): WebhookDeliveryRecord => ({
  ...nextTurn(act, delivery, lookAfterSeconds),
  tries: 0,
});
