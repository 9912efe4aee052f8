import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { get } from './client.ts';
import { answerKey, idempotencyKey } from './keys.ts';
import { put, remove, type Step } from './transaction.ts';

const KEPT_SECONDS = 24 * 3600;
/** How long a request that takes several transactions may hold its key before it counts as dead. */
const PENDING_SECONDS = 60;

/** One use of an Idempotency-Key. */
export interface Once {
  /** Of user, route and key. */
  readonly digest: string;
  /** Of address and body: the same key has to come with the same request. */
  readonly asked: string;
  readonly now: Date;
}

const AnswerSchema = z.object({ status: z.int(), body: z.unknown(), headers: z.record(z.string(), z.string()) });
export type Answer = z.infer<typeof AnswerSchema>;

const RecordSchema = z.object({
  asked: z.string(),
  answer: AnswerSchema.nullable(),
  heldUntil: z.int(),
  expiresAt: z.int(),
});

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export const once = (use: { user: string; route: string; key: string; request: unknown; now: Date }): Once => ({
  digest: sha256([use.user, use.route, use.key]),
  asked: sha256(use.request),
  now: use.now,
});

/** The first request with this key was answered; here is what it was told. */
export class AnsweredBefore extends Error {
  override name = 'AnsweredBefore';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('This request was answered before.');
    this.answer = answer;
  }
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** What a record of the key means for this request; undefined when it means nothing any more. */
const judge = (use: Once, item: unknown): Error | undefined => {
  const record = RecordSchema.parse(item);
  if (record.expiresAt <= seconds(use.now)) return undefined;
  if (record.asked !== use.asked) {
    return new Failure('idempotency.key-reused', 'Use a new Idempotency-Key for a new request.');
  }
  if (record.answer !== null) return new AnsweredBefore(record.answer);
  return record.heldUntil <= seconds(use.now)
    ? undefined
    : new Failure('idempotency.in-progress', 'Ask again in a moment for its answer.', { retryAfterSeconds: 2 });
};

/** Has this request been answered? One read. @throws AnsweredBefore, Failure */
export const refuseRepeated = async (tenant: TenantId, use: Once): Promise<void> => {
  const { Item } = await get(tenant, { Key: idempotencyKey(tenant, use.digest), ConsistentRead: true });
  const verdict = Item === undefined ? undefined : judge(use, Item);
  if (verdict !== undefined) throw verdict;
};

const ASK_AGAIN_MS = 100;

/** Runs `work` again while the first request with its key is still running, so that both get the first one's answer. */
export const untilAnswered = async <Result>(seconds: number, work: () => Promise<Result>): Promise<Result> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const running = error instanceof Failure && error.code === 'idempotency.in-progress';
      if (!running || Date.now() > deadline) throw error;
      await wait(ASK_AGAIN_MS);
    }
  }
};

/** Whoever holds the key for the same request may complete it; nobody else may take it, and an answer stays. */
const free = (use: Once, answer: Answer | null) => ({
  expression: [
    'attribute_not_exists(pk)',
    'expiresAt <= :now',
    `(asked = :asked AND answer = :none${answer === null ? ' AND heldUntil <= :now' : ''})`,
  ].join(' OR '),
  values: { ':now': seconds(use.now), ':asked': use.asked, ':none': null },
});

const record = (tenant: TenantId, use: Once, answer: Answer | null): Step =>
  put(
    {
      ...idempotencyKey(tenant, use.digest),
      asked: use.asked,
      answer,
      heldUntil: seconds(use.now) + (answer === null ? PENDING_SECONDS : 0),
      expiresAt: seconds(use.now) + KEPT_SECONDS,
    },
    free(use, answer),
    (existing) =>
      judge(use, existing) ??
      new Failure('idempotency.in-progress', 'Ask again in a moment for its answer.', { retryAfterSeconds: 2 }),
  );

/** An answer about a client is found from the client, so that it goes with it. */
const pointer = (tenant: TenantId, use: Once, clientId: ClientId): Step =>
  put({
    ...answerKey(tenant, clientId, use.digest),
    digest: use.digest,
    expiresAt: seconds(use.now) + KEPT_SECONDS,
  });

/**
 * Stands first in the transaction that does what was asked, so that of two such requests one gets through.
 *
 * @param clientIds whom the answer tells of
 */
export const rememberAnswer = (
  tenant: TenantId,
  use: Once | undefined,
  answer: Answer,
  clientIds: readonly ClientId[] = [],
): Step[] =>
  use === undefined
    ? []
    : [record(tenant, use, answer), ...clientIds.map((clientId) => pointer(tenant, use, clientId))];

/** Holds the key for a request that takes several transactions; the last one remembers the answer. */
export const holdKey = (tenant: TenantId, use: Once | undefined): Step[] =>
  use === undefined ? [] : [record(tenant, use, null)];

/** Lets go of a key whose request came to nothing, so that it can be tried again at once. */
export const releaseKey = (tenant: TenantId, use: Once | undefined): Step[] =>
  use === undefined ? [] : [remove(idempotencyKey(tenant, use.digest))];
