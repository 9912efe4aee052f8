import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** Everything that the table holds of a tenant, as it is stored. */
export const itemsOf = async (tenant: string): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: process.env.TABLE_NAME,
      FilterExpression: 'begins_with(pk, :tenant)',
      ExpressionAttributeValues: { ':tenant': `T#${tenant}#` },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
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
