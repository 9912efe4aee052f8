import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { tableName, transactGet, transactWrite, type TransactionStep } from './client.ts';
import type { Key } from './keys.ts';

/** What stood where a condition failed; undefined when nothing did. */
type Existing = Readonly<Record<string, unknown>> | undefined;

/** One member of a transaction, with what it means when its condition fails. */
export interface Step {
  readonly request: TransactionStep;
  readonly refused: (existing: Existing) => Error;
}

/** The item changed since it was read: read it again and start over. */
export class Raced extends Error {
  override name = 'Raced';
}

const raced = (): Error => new Raced('An item changed since it was read.');

interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, unknown>;
}

const conditioned = (condition: Condition | undefined) =>
  condition === undefined
    ? {}
    : {
        ConditionExpression: condition.expression,
        ...(condition.names && { ExpressionAttributeNames: condition.names }),
        ...(condition.values && { ExpressionAttributeValues: condition.values }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      };

export const put = (
  item: Key & Record<string, unknown>,
  condition?: Condition,
  refused: Step['refused'] = raced,
): Step => ({
  request: { Put: { TableName: tableName(), Item: item, ...conditioned(condition) } },
  refused,
});

export const remove = (key: Key, condition?: Condition, refused: Step['refused'] = raced): Step => ({
  request: { Delete: { TableName: tableName(), Key: key, ...conditioned(condition) } },
  refused,
});

export const check = (key: Key, condition: Condition, refused: Step['refused'] = raced): Step => ({
  request: {
    ConditionCheck: {
      TableName: tableName(),
      Key: key,
      ConditionExpression: condition.expression,
      ...(condition.names && { ExpressionAttributeNames: condition.names }),
      ...(condition.values && { ExpressionAttributeValues: condition.values }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  },
  refused,
});

interface Update {
  readonly expression: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
  readonly condition?: string;
}

export const update = (key: Key, change: Update, refused: Step['refused'] = raced): Step => ({
  request: {
    Update: {
      TableName: tableName(),
      Key: key,
      UpdateExpression: change.expression,
      ExpressionAttributeNames: change.names,
      ExpressionAttributeValues: change.values,
      ...(change.condition !== undefined && {
        ConditionExpression: change.condition,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      }),
    },
  },
  refused,
});

/** Nothing may stand there yet. */
export const absent: Condition = { expression: 'attribute_not_exists(pk)' };

/** The item is still the one that was read. */
export const unchanged = (revision: number): Condition => ({
  expression: '#revision = :revision',
  names: { '#revision': 'revision' },
  values: { ':revision': revision },
});

/** Puts an item in the place of the one that was read, if that is still there. Every write counts, whoever forgot to. */
export const replace = (item: Key & Record<string, unknown>, before: { readonly revision: number }): Step =>
  put({ ...item, revision: before.revision + 1 }, unchanged(before.revision));

const ATTEMPTS = 12;

/** Full jitter. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
const pause = (attempt: number): Promise<void> => wait(Math.random() * Math.min(500, 10 * 2 ** attempt));

/** Which step failed its condition, and what stood there; undefined when the transaction merely met another one. */
const failedStep = (error: TransactionCanceledException, steps: readonly Step[]): Error | undefined => {
  const reasons = error.CancellationReasons ?? [];
  for (const [index, reason] of reasons.entries()) {
    const step = steps[index];
    if (reason.Code !== 'ConditionalCheckFailed' || step === undefined) continue;
    return step.refused(reason.Item === undefined ? undefined : unmarshall(reason.Item));
  }
  const permanent = reasons.find(
    ({ Code }) => Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded',
  );
  return permanent === undefined ? undefined : error;
};

/**
 * Writes all steps or none. Steps are judged in their order: the first whose condition failed says why.
 * A conflict with another transaction is tried again, which the SDK does not do.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
export const commit = async (tenant: TenantId, steps: readonly Step[]): Promise<void> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      await transactWrite(
        tenant,
        steps.map(({ request }) => request),
      );
      return;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const refusal = failedStep(error, steps);
      if (refusal !== undefined) throw refusal;
      await pause(attempt);
    }
  }
  throw new Failure('write.contended', 'Too many changes to the same thing at once. Try again.');
};

const untilItWorks = async <Result>(
  work: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
): Promise<Result> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(attempt);
    }
  }
  throw new Failure('write.contended', 'Too many changes to the same thing at once. Try again.');
};

/** Runs `work`, which reads, decides and writes, until nobody interferes. */
export const untilUndisturbed = <Result>(work: () => Promise<Result>): Promise<Result> =>
  untilItWorks(work, (error) => error instanceof Raced);

/** Reads what may move from one key to another meanwhile: a few items, as they are at one moment. */
export const getAtOnce = (tenant: TenantId, keys: readonly Key[]): Promise<Record<string, unknown>[]> =>
  untilItWorks(
    () => transactGet(tenant, keys),
    (error) => error instanceof TransactionCanceledException,
  );
