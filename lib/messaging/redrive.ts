import * as z from 'zod';
import { readPayload } from '../cloud/payloads.ts';
import { queueNameOf } from '../cloud/queues.ts';
import { queueText } from '../cloud/queue-text.ts';
import { environment } from '../config/environment.ts';
import type { DeadLetter, DeadLetterId } from '../contract/dead-letters.ts';
import type { Act } from '../domain/act.ts';
import { letterView, RedrivePositionSchema, redriven, type DeadLetterRecord } from '../domain/dead-letter.ts';
import { Failure } from '../domain/failure.ts';
import type { JobRecord } from '../domain/job.ts';
import { deadLetterEvent } from '../domain/occurrence.ts';
import { discardLetter, getDeadLetter, saveRedriven, walkDeadLetters } from '../table/dead-letters.ts';
import { itemOfImage } from '../table/image.ts';
import { redriveEntry, redriveOutbox } from '../table/outbox.ts';
import { untilUndisturbed, type Step } from '../table/transaction.ts';
import type { JobStep, JobWork } from './jobs.ts';
import type { Arrived } from './webhook.ts';

const refuse = (detail: string): Failure => new Failure('dead-letter.not-redrivable', detail);

/** What a queue takes, with room for what goes with it. */
const MOST_BYTES = 240_000;

const OutboxItemSchema = z.object({ outbox: z.unknown() });
const StreamRecordSchema = z.object({ dynamodb: z.object({ NewImage: z.unknown() }) });

/** What stood in the outbox, from the record of the stream that told of it. */
const outboxOf = (record: string): unknown => {
  try {
    const { dynamodb } = StreamRecordSchema.parse(JSON.parse(record));
    return OutboxItemSchema.parse(itemOfImage(dynamodb.NewImage)).outbox;
  } catch {
    throw refuse('The record cannot be read, so there is nothing that could be published.');
  }
};

/** It was verified when it came; what it was verified by is not kept. */
const arrivalOf = ({ tenant }: Act, { id, way }: DeadLetterRecord, body: string): Arrived | undefined => {
  if (way?.to !== 'webhook') return undefined;
  const { provider, kind, channelId, path, requestId, receivedAt } = way;
  return {
    provider,
    kind,
    channelId,
    path,
    requestId,
    receivedAt,
    headers: {},
    body,
    verified: { tenantId: tenant, letterId: id },
  };
};

/** What puts a letter back where it came from. @throws Failure `dead-letter.not-redrivable` */
const wayBack = (act: Act, letter: DeadLetterRecord, payload: string): Step => {
  const { id: letterId, way, count: turn } = letter;
  if (way === undefined) throw refuse('Nothing is known of where it came from.');
  if (payload === '') throw refuse('Its payload is gone.');
  if (way.to === 'stream') return redriveOutbox(act, letterId, outboxOf(payload));
  const arrival = arrivalOf(act, letter, payload);
  const body = arrival === undefined ? payload : queueText(arrival);
  if (Buffer.byteLength(body) > MOST_BYTES) throw refuse('It is larger than a queue takes.');
  if (way.to === 'webhook')
    return redriveEntry(act, { letterId, queue: queueNameOf(environment().INBOUND_QUEUE_URL), body, turn });
  const { queue, group } = way;
  return redriveEntry(act, { letterId, queue, body, turn, ...(group !== undefined && { group }) });
};

const redriveRead = async (act: Act, before: DeadLetterRecord): Promise<DeadLetterRecord> => {
  if (before.state === 'redriven') return before;
  const step = wayBack(act, before, await readPayload(act.tenant, before.payload));
  const after = redriven(act, before);
  await saveRedriven(
    act,
    before,
    after,
    [step],
    deadLetterEvent(act, 'DeadLetterRedriven', letterView(after), letterView(before)),
  );
  return after;
};

/**
 * Puts a letter back where it came from; one that is on its way already stays so. One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `dead-letter.not-redrivable`
 */
export const redriveLetter = (act: Act, id: DeadLetterId): Promise<DeadLetter> =>
  untilUndisturbed(async () => letterView(await redriveRead(act, await getDeadLetter(act.tenant, id))));

/** Removes a letter for good. One read and one transaction. @throws Failure `resource.not-found` */
export const discard = (act: Act, id: DeadLetterId): Promise<void> =>
  untilUndisturbed(async () => {
    const letter = await getDeadLetter(act.tenant, id);
    await discardLetter(act, letter, deadLetterEvent(act, 'DeadLetterDiscarded', letterView(letter)));
  });

/** Codes of what stands in the way of one letter, and of no other. */
const passed: ReadonlySet<string> = new Set(['dead-letter.not-redrivable', 'resource.not-found']);

const tryOne = async (act: Act, id: DeadLetterId): Promise<boolean> => {
  try {
    await redriveLetter(act, id);
    return true;
  } catch (error) {
    if (error instanceof Failure && passed.has(error.code)) return false;
    throw error;
  }
};

const LETTERS = 20;

const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = RedrivePositionSchema.parse(job.position);
  const { filter, until, after } = position;
  const to = filter.to === undefined || filter.to > until ? until : filter.to;
  const page = await walkDeadLetters(act.tenant, { ...filter, to, state: 'open' }, after, LETTERS);
  let done = 0;
  for (const { id } of page.letters) done += (await tryOne(act, id)) ? 1 : 0;
  return {
    next: page.next === undefined ? 'done' : 'go-on',
    position: { ...position, after: page.next ?? after },
    progress: { done: job.progress.done + done, total: null },
  };
};

/** Puts one letter after the other back, the oldest first. */
export const redriveWork: JobWork = { step };
