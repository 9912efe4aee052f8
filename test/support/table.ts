import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { call } from '../../local/http-client.ts';
import { sideBySide } from '../../lib/messaging/side-by-side.ts';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

type Item = Record<string, unknown>;

const itemsUnder = async (pk: string): Promise<Item[]> => {
  const items: Item[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: process.env.TABLE_NAME,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
};

/** Everything that the table holds of a tenant, as it is stored: all of it, or what stands in some partitions. */
export const itemsOf = async (tenant: string, partitions = /^/): Promise<Item[]> => {
  const { body } = await call('GET', `${process.env.TEST_KEYS_URL}/${tenant}`);
  const wanted = z
    .array(z.string())
    .parse(body)
    .filter((pk) => partitions.test(pk));
  return (await sideBySide(16, wanted, itemsUnder)).flat();
};

/** What was kept because it could not be handled. */
export const deadLettersOf = async (tenant: string): Promise<Record<string, unknown>[]> =>
  (await itemsOf(tenant)).filter(({ pk }) => pk === `T#${tenant}#DEADLETTER`);

/** Who comes with a first token appears by that alone. What subscribers derive a moment later: the audit log, who is given chats, histories, lists of tags and segments, what searches look in. */
const DERIVED =
  /#RATE|#PACE|#USER |#ASSIGNMENT |#AUDIT|#SEALS |#UNSEALED |#CHANGES#|#TERM#|#STATS|#TAGS |#TAG#|#SEGMENT#|#SEGMENT_STATE#| (?:TERMS#|ACTIVITY#|CHANGE#|ROWS$)/;

/** The keys of all that the table holds of a tenant but what follows a moment later. */
export const keysOf = async (tenant: string): Promise<string[]> => {
  const keys = (await itemsOf(tenant)).map(({ pk, sk }) => `${String(pk)} ${String(sk)}`);
  return keys.filter((key) => !DERIVED.test(key)).toSorted();
};
