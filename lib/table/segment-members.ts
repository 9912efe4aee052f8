import { SegmentMemberSchema, type SegmentMember } from '../contract/segments.ts';
import type { SegmentId, TenantId } from '../contract/vocabulary.ts';
import * as z from 'zod';
import type { SegmentRecord } from '../domain/segment.ts';
import { query } from './client.ts';
import { membersOf, segmentMembers } from './keys.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { commit, remove } from './transaction.ts';

/** Who belongs to this segment, by its present filter, the newest clients first? One query, a page of items. */
export const listMembers = (
  tenant: TenantId,
  { id, generation }: SegmentRecord,
  page: Page,
): Promise<Paged<SegmentMember>> =>
  queryPage(
    tenant,
    `segment:${id}:${generation}`,
    SegmentMemberSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :members)',
      ExpressionAttributeValues: { ':pk': segmentMembers(tenant, id), ':members': membersOf(generation) },
      ScanIndexForward: false,
    },
    page,
  );

const KeySchema = z.object({ pk: z.string(), sk: z.string() });

/** Removes so many rows of a segment that is no more. One query and one transaction. @returns how many there were */
export const removeMembers = async (tenant: TenantId, id: SegmentId, most: number): Promise<number> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': segmentMembers(tenant, id) },
    ProjectionExpression: 'pk, sk',
    ConsistentRead: true,
    Limit: most,
  });
  if (Items.length > 0) {
    await commit(
      tenant,
      Items.map((item) => remove(KeySchema.parse(item))),
    );
  }
  return Items.length;
};
