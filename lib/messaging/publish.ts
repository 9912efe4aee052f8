import { putEvents } from '../cloud/bus.ts';
import { sendDeliveries, sendDispatches, sendJobTurns, sendRedriven, type FailedEntry } from '../cloud/queues.ts';
import { ProviderNameSchema, type ProviderName } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import type { DeliveryTurn, Dispatch, JobTurn, Outbox, RedriveEntry } from '../events/outbox.ts';
import { notePulse } from '../table/health.ts';

/** An outbox item of the stream; `position` is its sequence number. */
export interface OutboxRecord extends Outbox {
  readonly position: string;
}

/** A record that the bus or a queue will never take. */
interface Refusal {
  readonly position: string;
  readonly reason: string;
}

export interface PublishResult {
  /** The first record that has to be tried again, with what does not answer; every record before it is done. */
  readonly retry: { readonly from: string; readonly service: string; readonly reason: string } | undefined;
  readonly refused: readonly Refusal[];
}

const BATCH = 10;

interface Entry<Value> {
  /** Of the record it belongs to, among those of this call. */
  readonly place: number;
  readonly value: Value;
}

type SendBatch<Value> = (values: readonly Value[]) => Promise<FailedEntry[]>;

interface Failed {
  readonly place: number;
  readonly fault: boolean;
  readonly reason: string;
}

/** Sends one batch. When the service does not answer at all, every entry of it has to be tried again. */
const sendBatch = async <Value>(batch: readonly Entry<Value>[], send: SendBatch<Value>): Promise<Failed[]> => {
  try {
    const failed = await send(batch.map(({ value }) => value));
    return failed.flatMap(({ index, fault, reason }) => {
      const place = batch[index]?.place;
      return place === undefined ? [] : [{ place, fault, reason }];
    });
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    return batch.map(({ place }) => ({ place, fault: false, reason }));
  }
};

interface Sent {
  readonly refused: readonly Failed[];
  /** From which place on it has to be tried again. */
  readonly blocked: { readonly place: number; readonly service: string; readonly reason: string } | undefined;
}

/** Sends batch after batch, up to the first in which something has to be tried again. */
const sendAll = async <Value>(
  service: string,
  batches: readonly (readonly Entry<Value>[])[],
  send: SendBatch<Value>,
): Promise<Sent> => {
  const refused: Failed[] = [];
  for (const [number, batch] of batches.entries()) {
    const failed = await sendBatch(batch, send);
    refused.push(...failed.filter(({ fault }) => fault));
    const passing = failed.filter(({ fault }) => !fault);
    const [first] = passing;
    if (first === undefined) continue;
    // A later batch may hold records that come before those of this one.
    const left = [...passing, ...batches.slice(number + 1).flat()].map(({ place }) => place);
    return { refused, blocked: { place: Math.min(...left), service, reason: first.reason } };
  }
  return { refused, blocked: undefined };
};

/** Up to 10 entries each. */
const inBatches = <Value>(entries: readonly Entry<Value>[]): Entry<Value>[][] =>
  Array.from({ length: Math.ceil(entries.length / BATCH) }, (_, index) =>
    entries.slice(index * BATCH, (index + 1) * BATCH),
  );

/** As above, but no chat twice in a batch: when one entry of a chat fails, none that follows it may have got through. */
const inBatchesByChat = (entries: readonly Entry<Dispatch>[]): Entry<Dispatch>[][] => {
  const batches: Entry<Dispatch>[][] = [];
  const lastBatchOf = new Map<string, number>();
  for (const entry of entries) {
    let index = (lastBatchOf.get(entry.value.chatId) ?? -1) + 1;
    while ((batches[index]?.length ?? 0) >= BATCH) index += 1;
    (batches[index] ??= []).push(entry);
    lastBatchOf.set(entry.value.chatId, index);
  }
  return batches;
};

const eventsOf = (records: readonly OutboxRecord[]): Entry<DomainEvent>[] =>
  records.flatMap(({ event }, place) => (event === undefined ? [] : [{ place, value: event }]));

const dispatchesOf = (records: readonly OutboxRecord[], provider: ProviderName): Entry<Dispatch>[] =>
  records.flatMap(({ dispatch }, place) => (dispatch?.provider === provider ? [{ place, value: dispatch }] : []));

const deliveriesOf = (records: readonly OutboxRecord[]): Entry<DeliveryTurn>[] =>
  records.flatMap(({ delivery }, place) => (delivery === undefined ? [] : [{ place, value: delivery }]));

const jobTurnsOf = (records: readonly OutboxRecord[]): Entry<JobTurn>[] =>
  records.flatMap(({ job }, place) => (job === undefined ? [] : [{ place, value: job }]));

/** One by one: each goes to a queue of its own, and ten together may be more than a request holds. */
const redrivesOf = (records: readonly OutboxRecord[]): Entry<RedriveEntry>[][] =>
  records.flatMap(({ redrive }, place) => (redrive === undefined ? [] : [[{ place, value: redrive }]]));

const sendOne = (entry: RedriveEntry | undefined): Promise<FailedEntry[]> =>
  entry === undefined ? Promise.resolve([]) : sendRedriven(entry);

/** What is not noted now is with the next one. */
const notePulses = async (done: readonly OutboxRecord[]): Promise<void> => {
  const last = done.findLast(({ pulse }) => pulse !== undefined)?.pulse;
  if (last !== undefined) await notePulse(last.at).catch(() => undefined);
};

/**
 * Hands outbox items on: events to the bus, dispatches to their provider's queue, the turns of jobs to theirs,
 * what is redriven to where it stood. Every entry's result is read.
 * What was sent before a failure is sent again with it: consumers drop repeats by id.
 */
export const publish = async (records: readonly OutboxRecord[]): Promise<PublishResult> => {
  const results = await Promise.all([
    sendAll('bus', inBatches(eventsOf(records)), putEvents),
    sendAll('queue of jobs', inBatches(jobTurnsOf(records)), sendJobTurns),
    sendAll('queue of deliveries', inBatches(deliveriesOf(records)), sendDeliveries),
    sendAll('queues of what is redriven', redrivesOf(records), ([entry]) => sendOne(entry)),
    ...ProviderNameSchema.options.map((provider) =>
      sendAll(`queue of ${provider}`, inBatchesByChat(dispatchesOf(records, provider)), (batch) =>
        sendDispatches(provider, batch),
      ),
    ),
  ]);
  const positionOf = (place: number): string => records[place]?.position ?? '';
  const [first] = results.flatMap(({ blocked }) => blocked ?? []).toSorted((one, other) => one.place - other.place);
  await notePulses(records.slice(0, first?.place));
  return {
    retry: first && { from: positionOf(first.place), service: first.service, reason: first.reason },
    refused: results.flatMap(({ refused }) =>
      refused.map(({ place, reason }) => ({ position: positionOf(place), reason })),
    ),
  };
};
