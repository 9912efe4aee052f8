import * as z from 'zod';
import { ClientSummarySchema } from '../contract/segments.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { foldCase } from '../domain/case-fold.ts';
import type { Change, Membership, Stretch } from '../domain/projection.ts';
import { getTogether } from './client.ts';
import { segmentMemberKey, segmentStateKey, tagCountKey, tagRowKey } from './keys.ts';
import { put, remove, update, type Step } from './transaction.ts';

/** The rows by which a client is found: one for each tag, one for each segment. */
export const rowSteps = (tenant: TenantId, { clientId, client, changes }: Stretch): Step[] =>
  changes.map((change) => {
    if (change.kind === 'tag') {
      const key = tagRowKey(tenant, change.tag, clientId);
      return change.adds === 1 ? put({ ...key }) : remove(key);
    }
    const { id, generation, since } = change.membership;
    const key = segmentMemberKey(tenant, id, generation, clientId);
    if (change.kind === 'leftover' || change.adds === -1) return remove(key);
    return put({ ...key, ...ClientSummarySchema.parse(client), since });
  });

/** Which count a change belongs to; a leftover belongs to none. */
export const countedBy = (change: Change): string[] => {
  if (change.kind === 'tag') return [`tag ${change.tag}`];
  return change.kind === 'segment' ? [`segment ${change.membership.id}`] : [];
};

const sum = (changes: readonly { readonly adds: number }[]): number =>
  changes.reduce((total, { adds }) => total + adds, 0);

/** A row of a segment is written only while the segment has the filter that found it, and stays with its count. */
const segmentCount = (tenant: TenantId, { id, generation }: Membership, adds: number): Step =>
  update(segmentStateKey(tenant, id), {
    expression: 'ADD memberCount :adds',
    condition: '#generation = :generation',
    names: { '#generation': 'generation' },
    values: { ':adds': adds, ':generation': generation },
  });

const CountSchema = z.object({ sk: z.string(), count: z.number() });

const readCounts = async (tenant: TenantId, tags: readonly string[]): Promise<Map<string, number>> => {
  if (tags.length === 0) return new Map();
  const items = await getTogether(
    tenant,
    tags.map((tag) => tagCountKey(tenant, tag)),
  );
  return new Map(items.map((item) => CountSchema.parse(item)).map(({ sk, count }) => [sk, count]));
};

const more = (tenant: TenantId, tag: string, label: string, adds: number): Step =>
  update(tagCountKey(tenant, tag), {
    // As it was first written.
    expression: 'ADD #count :adds SET #tag = if_not_exists(#tag, :label)',
    names: { '#count': 'count', '#tag': 'tag' },
    values: { ':adds': adds, ':label': label },
  });

/** A tag that nobody has any more is gone, and what people wrote with it. */
const fewer = (tenant: TenantId, tag: string, count: number, loses: number): Step => {
  const key = tagCountKey(tenant, tag);
  const names = { '#count': 'count' };
  if (count <= loses) {
    const expression = 'attribute_not_exists(pk) OR #count = :count';
    return remove(key, { expression, names, values: { ':count': count } });
  }
  return update(key, {
    expression: 'ADD #count :adds',
    condition: '#count > :loses',
    names,
    values: { ':adds': -loses, ':loses': loses },
  });
};

const tagCountSteps = async (tenant: TenantId, stretches: readonly Stretch[]): Promise<Step[]> => {
  const labels = new Map(stretches.flatMap(({ client }) => client?.tags ?? []).map((tag) => [foldCase(tag), tag]));
  const changes = stretches.flatMap((stretch) => stretch.changes).flatMap((each) => (each.kind === 'tag' ? each : []));
  const totals = [...Map.groupBy(changes, ({ tag }) => tag)].map(([tag, group]) => [tag, sum(group)] as const);
  const losing = totals.filter(([, adds]) => adds < 0).map(([tag]) => tag);
  const counts = await readCounts(tenant, losing);
  return totals.flatMap(([tag, adds]) => {
    if (adds === 0) return [];
    return adds > 0 ? more(tenant, tag, labels.get(tag) ?? tag, adds) : fewer(tenant, tag, counts.get(tag) ?? 0, -adds);
  });
};

const segmentCountSteps = (tenant: TenantId, stretches: readonly Stretch[]): Step[] => {
  const changes = stretches
    .flatMap((stretch) => stretch.changes)
    .flatMap((each) => (each.kind === 'segment' ? each : []));
  return [...Map.groupBy(changes, ({ membership }) => membership.id).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : segmentCount(tenant, first.membership, sum(group));
  });
};

/** What these changes add to the counts of tags and segments; each count once. */
export const countSteps = async (tenant: TenantId, stretches: readonly Stretch[]): Promise<Step[]> => [
  ...segmentCountSteps(tenant, stretches),
  ...(await tagCountSteps(tenant, stretches)),
];
