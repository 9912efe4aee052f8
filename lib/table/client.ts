import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactGetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { tableName as TableName, tableSettings } from '../config/environment.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { guard } from './guard.ts';
import type { Key } from './keys.ts';

/**
 * A table that is away has to be noticed while the provider that calls us still waits: 15 seconds, and a webhook makes
 * three requests one after the other.
 */
const connect = () => {
  const base = new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 1_000 * tableSettings().TABLE_TIMEOUT_SECONDS,
      // Without it, a request that takes longer is only warned about.
      throwOnRequestTimeout: true,
    },
  });
  return DynamoDBDocumentClient.from(base, { marshallOptions: { removeUndefinedValues: true } });
};

let connected: DynamoDBDocumentClient | undefined;
const client = (): DynamoDBDocumentClient => (connected ??= connect());

/** The table was too busy to answer for every key. It passes. */
class PartialRead extends Error {
  override name = 'ThrottlingException';
}

type Unnamed<Input> = Omit<Input, 'TableName'>;
type Scope = TenantId | undefined;

/** Calls `listener` with the name of every request that is made; what the SDK sends again after a hiccup is the same request. */
export const observeRequests = (listener: (commandName: string) => void): void => {
  client().middlewareStack.add(
    (next, context) => (args) => {
      listener(context.commandName ?? 'unknown');
      return next(args);
    },
    { step: 'initialize', name: 'observeRequests', override: true },
  );
};

export const get = (scope: Scope, input: Unnamed<GetCommandInput>) => {
  guard(scope, 'GetCommand', input);
  return client().send(new GetCommand({ ...input, TableName: TableName() }));
};

export const query = (scope: Scope, input: Unnamed<QueryCommandInput>) => {
  guard(scope, 'QueryCommand', input);
  return client().send(new QueryCommand({ ...input, TableName: TableName() }));
};

/** Every item of a query, page after page: for what is small by its nature. */
export const queryAll = async (
  scope: Scope,
  input: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey' | 'Limit'>,
): Promise<Record<string, unknown>[]> => {
  const { Items = [], LastEvaluatedKey } = await query(scope, input);
  const all: Record<string, unknown>[] = [...Items];
  for (let start = LastEvaluatedKey; start !== undefined;) {
    const page = await query(scope, { ...input, ExclusiveStartKey: start });
    all.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  }
  return all;
};

/** No more than these attributes of each item. */
const projected = (attributes: readonly string[]) => ({
  ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
});

/** Reads a few items at once, all or nothing, or some of their attributes. Those that do not exist are left out. */
export const getTogether = async (
  scope: Scope,
  keys: readonly Key[],
  attributes?: readonly string[],
): Promise<Record<string, unknown>[]> => {
  const wanted = { Keys: [...keys], ConsistentRead: true, ...(attributes && projected(attributes)) };
  const input = { RequestItems: { [TableName()]: wanted } };
  guard(scope, 'BatchGetCommand', input);
  const { Responses = {}, UnprocessedKeys = {} } = await client().send(new BatchGetCommand(input));
  if (Object.keys(UnprocessedKeys).length > 0) throw new PartialRead();
  return Object.values(Responses).flat();
};

export const batchWrite = (scope: Scope, requests: NonNullable<BatchWriteCommandInput['RequestItems']>[string]) => {
  const input = { RequestItems: { [TableName()]: requests } };
  guard(scope, 'BatchWriteCommand', input);
  return client().send(new BatchWriteCommand(input));
};

/** Reads a few items as they are at one moment; those that do not exist are left out. It meets transactions that write them. */
export const transactGet = async (scope: Scope, keys: readonly Key[]): Promise<Record<string, unknown>[]> => {
  const input = { TransactItems: keys.map((Key) => ({ Get: { TableName: TableName(), Key } })) };
  guard(scope, 'TransactGetCommand', input);
  const { Responses = [] } = await client().send(new TransactGetCommand(input));
  return Responses.map(({ Item }) => Item).filter((item) => item !== undefined);
};

export type TransactionStep = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The SDK adds a client request token, so that a repeated call of a committed transaction does not fail its own conditions. */
export const transactWrite = (scope: Scope, TransactItems: TransactionStep[]) => {
  guard(scope, 'TransactWriteCommand', { TransactItems });
  return client().send(new TransactWriteCommand({ TransactItems }));
};

/** Changes one item by itself: unlike a member of a transaction it never conflicts with others, it comes after them. */
export const updateAlone = (scope: Scope, input: Unnamed<UpdateCommandInput>) => {
  guard(scope, 'UpdateCommand', input);
  return client().send(new UpdateCommand({ ...input, TableName: TableName() }));
};

export { TableName as tableName };
