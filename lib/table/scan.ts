import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { tableName } from '../config/environment.ts';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { tenantOfKey, tenantPrefix } from './keys.ts';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const ItemSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  home: z.unknown().optional(),
  document: z.unknown().optional(),
});

/** An item's key, and whose it is; of a posting also to which document it leads. */
export interface Scanned extends z.infer<typeof ItemSchema> {
  readonly tenant: TenantId;
}

/** Items that are looked at for one page. */
const PAGE = 1_000;

/**
 * Which items hold the table, of one tenant if said? All of them are read, page by page: this is for an operator's command.
 * No request comes here, and no function of ours is allowed to scan.
 */
export const scanTable = async function* (tenant?: TenantId): AsyncGenerator<Scanned[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tableName(),
        Limit: PAGE,
        ConsistentRead: true,
        ExclusiveStartKey: start,
        ProjectionExpression: 'pk, sk, home, #document',
        ExpressionAttributeNames: { '#document': 'document' },
        ...(tenant !== undefined && {
          FilterExpression: 'begins_with(pk, :tenant)',
          ExpressionAttributeValues: { ':tenant': tenantPrefix(tenant) },
        }),
      }),
    );
    yield Items.flatMap((item) => {
      const scanned = ItemSchema.parse(item);
      const owner = TenantIdSchema.safeParse(tenantOfKey(scanned.pk));
      return owner.success ? [{ ...scanned, tenant: owner.data }] : [];
    });
    start = LastEvaluatedKey;
  } while (start !== undefined);
};
