import * as z from 'zod';
import { get, query, transactWrite } from './client.ts';
import { OPEN_LETTERS, OUTBOX, routeKey } from './keys.ts';
import { put, update } from './transaction.ts';

/** What the job of each minute knows of the whole system. It names nobody. */
const PulseSchema = z.object({
  at: z.string(),
  /** When the oldest message that waits to be sent was written; `null`: none has waited for long. */
  oldestQueuedAt: z.string().nullable(),
  failingChannels: z.int(),
  /** Up to a hundred. */
  openLetters: z.int(),
});
export type Pulse = z.infer<typeof PulseSchema>;
const SeenSchema = z.object({ at: z.string() });

const pulseKey = routeKey('health');
const seenKey = { pk: pulseKey.pk, sk: 'STREAM' };
const KEPT_SECONDS = 3600;

/** Keeps a pulse, and sends it through the stream. One transaction. */
export const writePulse = async (id: string, pulse: Pulse): Promise<void> => {
  const expiresAt = Math.floor(Date.parse(pulse.at) / 1000) + KEPT_SECONDS;
  await transactWrite(undefined, [
    put({ ...pulseKey, ...pulse }).request,
    put({ pk: pulseKey.pk, sk: `${OUTBOX}${id}`, outbox: { pulse: { at: pulse.at } }, expiresAt }).request,
  ]);
};

/** A pulse came through the stream, and with it all that was written before. */
export const notePulse = async (at: string): Promise<void> => {
  const step = update(seenKey, {
    expression: 'SET #at = :at',
    names: { '#at': 'at' },
    values: { ':at': at },
    condition: 'attribute_not_exists(#at) OR #at < :at',
  });
  await transactWrite(undefined, [step.request]);
};

/** How is the system? One read each; undefined before the first pulse. */
export const readPulse = async (): Promise<Pulse | undefined> =>
  PulseSchema.safeParse((await get(undefined, { Key: pulseKey })).Item).data;
export const readSeenPulse = async (): Promise<string | undefined> =>
  SeenSchema.safeParse((await get(undefined, { Key: seenKey })).Item).data?.at;

/** How many dead letters are open, of all tenants, up to a hundred? One query. */
export const countOpenLetters = async (): Promise<number> => {
  const { Count = 0 } = await query(undefined, {
    IndexName: 'gsi4',
    KeyConditionExpression: 'gsi4pk = :pk',
    ExpressionAttributeValues: { ':pk': OPEN_LETTERS },
    Select: 'COUNT',
    Limit: 100,
  });
  return Count;
};
