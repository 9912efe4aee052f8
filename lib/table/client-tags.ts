import type { TagCount } from '../contract/tags.ts';
import { TagCountSchema } from '../contract/tags.ts';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import * as z from 'zod';
import type { Act } from '../domain/act.ts';
import { foldCase } from '../domain/case-fold.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { getTogether } from './client.ts';
import { changeSteps, getClient } from './clients.ts';
import { clientKey, clientsByTag, tagCounts } from './keys.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { commit, untilUndisturbed } from './transaction.ts';

/**
 * Changes a client's tags, until nobody interferes; nothing is written when `decide` finds nothing to change. One read and
 * one transaction.
 *
 * @throws Failure `resource.not-found`
 */
export const changeTags = (
  act: Act,
  id: ClientId,
  type: 'ClientTagged' | 'ClientUntagged',
  decide: (client: ClientRecord) => ClientRecord | undefined,
): Promise<ClientRecord> =>
  untilUndisturbed(async () => {
    const before = await getClient(act.tenant, id);
    const after = decide(before);
    if (after === undefined) return before;
    await commit(act.tenant, changeSteps(act.tenant, before, after, clientEvent(act, type, after, before)));
    return after;
  });

/** Which tags do clients have, by name, and how many have each? One query, a page of items. */
export const listTags = (tenant: TenantId, page: Page): Promise<Paged<TagCount>> =>
  queryPage(
    tenant,
    'tags',
    TagCountSchema,
    { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': tagCounts(tenant) } },
    page,
  );

const RowSchema = z.object({ sk: ClientIdSchema });

/**
 * Which clients have this tag, newest first? One query, and one read of the page's clients. A client that lost the tag a
 * moment ago is left out, so a page may be shorter.
 */
export const listClientsByTag = async (tenant: TenantId, tag: string, page: Page): Promise<Paged<ClientRecord>> => {
  const folded = foldCase(tag);
  const { items, nextCursor } = await queryPage(
    tenant,
    `clients:tag:${folded}`,
    RowSchema,
    {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': clientsByTag(tenant, folded) },
      ScanIndexForward: false,
    },
    page,
  );
  if (items.length === 0) return { items: [], nextCursor };
  const found = await getTogether(
    tenant,
    items.map(({ sk }) => clientKey(tenant, sk)),
  );
  const clients = new Map(found.map((item) => ClientRecordSchema.parse(item)).map((client) => [client.id, client]));
  const has = (client: ClientRecord): boolean =>
    client.state === 'active' && client.tags.some((each) => foldCase(each) === folded);
  return { items: items.flatMap(({ sk }) => clients.get(sk) ?? []).filter(has), nextCursor };
};
