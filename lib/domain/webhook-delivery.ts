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
  /** Its queue entries up to this one led to a try. */
  spent: z.int(),
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
/** By this part of itself a wait may be longer, so that what failed together does not come back together. */
const JITTER = 0.1;
/** Who asks for a pause gets it, up to this. */
const LONGEST_PAUSE_SECONDS = 36_000;

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
  spent: 0,
  lease: null,
  expiresAt: Math.floor(act.now().getTime() / 1000) + KEPT_SECONDS,
  revision: 1,
});

/** Whether a queue entry still says that it is to be tried: entries come twice at times, and while it waits for another. */
export const isItsTurn = ({ state, spent }: WebhookDeliveryRecord, turn: number): boolean =>
  state === 'pending' && turn > spent;

export const claimed = (
  delivery: WebhookDeliveryRecord,
  lease: NonNullable<WebhookDeliveryRecord['lease']>,
): WebhookDeliveryRecord => ({
  ...delivery,
  state: 'delivering',
  spent: delivery.turn,
  lease,
  nextAttemptAt: lease.until,
});

interface Pause {
  /** What the other system asked for. */
  readonly askedSeconds: number | null;
  /** From 0 to 1. */
  readonly chance: number;
}

const pauseSeconds = (wait: number, { askedSeconds, chance }: Pause): number =>
  Math.max(wait, Math.min(askedSeconds ?? 0, LONGEST_PAUSE_SECONDS)) * (1 + JITTER * chance);

/** The delivery after it was tried. What waits for its next try is given a queue entry when its time has come. */
export const tried = (
  act: Act,
  delivery: WebhookDeliveryRecord,
  attempt: WebhookAttempt,
  pause: Pause,
): WebhookDeliveryRecord => {
  const wait = WAITS[delivery.tries];
  const attempts = [...delivery.attempts, attempt].slice(-MOST_ATTEMPTS_SHOWN);
  const done = { ...delivery, attempts, tries: delivery.tries + 1, lease: null };
  if (isTaken(attempt)) return { ...done, state: 'delivered', nextAttemptAt: null };
  if (wait === undefined) return { ...done, state: 'failed', nextAttemptAt: null };
  return { ...done, state: 'pending', nextAttemptAt: secondsAfter(act.now(), pauseSeconds(wait, pause)) };
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

/** Whether it can be asked for once more: nobody is about to try it. */
export const isSettled = ({ state }: WebhookDeliveryRecord): boolean => state === 'delivered' || state === 'failed';

/** It is delivered again, as if it never had been. */
export const replayed = (
  act: Act,
  delivery: WebhookDeliveryRecord,
  lookAfterSeconds: number,
): WebhookDeliveryRecord => ({
  ...nextTurn(act, delivery, lookAfterSeconds),
  tries: 0,
});
