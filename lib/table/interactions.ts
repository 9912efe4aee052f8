import * as z from 'zod';
import type { Due } from '../contract/interactions.ts';
import type { ClientId, InteractionId, TenantId, UserId } from '../contract/vocabulary.ts';
import { ClientRecordSchema } from '../domain/client.ts';
import { notFound } from '../domain/failure.ts';
import { duePlace, dueRange, InteractionRecordSchema, type InteractionRecord } from '../domain/interaction.ts';
import { countedFrom } from '../domain/retention.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { absorbedBy, findBelonging, whileActive } from './belongings.ts';
import { getTogether, query } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';
import {
  clientCollection,
  clientKey,
  INTERACTION,
  interactionKey,
  interactionsDue,
  interactionsDueOf,
} from './keys.ts';
import { newestFirst, type Source } from './merged.ts';
import { announce } from './outbox.ts';
import type { Page, Paged } from './page.ts';
import { oldestShown } from './retained.ts';
import { pageOfThread } from './thread.ts';
import { absent, commit, put, replace, untilUndisturbed, type Step } from './transaction.ts';

const interactionItem = (tenant: TenantId, interaction: InteractionRecord) => {
  const place = duePlace(interaction);
  return {
    ...interactionKey(tenant, interaction.clientId, interaction.id),
    ...interaction,
    ...(place !== undefined && {
      gsi1pk: interactionsDue(tenant),
      gsi1sk: place,
      gsi3pk: interactionsDueOf(tenant, interaction.userId),
      gsi3sk: place,
    }),
  };
};

/** Adds an interaction. One transaction. @throws Failure `resource.not-found` */
export const insertInteraction = (
  tenant: TenantId,
  interaction: InteractionRecord,
  events: readonly DomainEvent[],
  also: readonly Step[],
): Promise<void> =>
  commit(tenant, [
    ...also,
    whileActive(tenant, interaction.clientId),
    put(interactionItem(tenant, interaction), absent),
    ...events.map(announce),
  ]);

/** Which interaction with this client is it? Two reads, side by side. @throws Failure `resource.not-found` */
export const getInteraction = async (
  tenant: TenantId,
  clientId: ClientId,
  id: InteractionId,
): Promise<InteractionRecord> => {
  const [oldest, item] = await Promise.all([
    oldestShown(tenant, 'interactions'),
    findBelonging(tenant, clientId, (home) => [interactionKey(tenant, home, id)]),
  ]);
  const interaction = item && InteractionRecordSchema.parse(item);
  if (interaction === undefined || countedFrom(interaction) < oldest) throw notFound();
  return interaction;
};

/** The interactions of one collection. How old they are is not in their keys: what is not kept shortens a page. */
export const interactionsIn = (tenant: TenantId, home: ClientId): Source<InteractionRecord> => {
  const all = newestFirst(tenant, clientCollection(tenant, home), INTERACTION, InteractionRecordSchema);
  return async (before, limit) => {
    const [oldest, { items, reachedTo }] = await Promise.all([oldestShown(tenant, 'interactions'), all(before, limit)]);
    return { items: items.filter((interaction) => countedFrom(interaction) >= oldest), reachedTo };
  };
};

interface Edit {
  readonly after: InteractionRecord;
  readonly event: DomainEvent;
}

/**
 * Reads an interaction, decides what it becomes, and writes, until nobody interferes. Two reads, side by side, and one
 * transaction.
 *
 * @throws Failure `resource.not-found`
 */
export const editInteraction = (
  tenant: TenantId,
  clientId: ClientId,
  id: InteractionId,
  decide: (interaction: InteractionRecord) => Edit,
): Promise<InteractionRecord> =>
  untilUndisturbed(async () => {
    const before = await getInteraction(tenant, clientId, id);
    const { after, event } = decide(before);
    await commit(tenant, [
      whileActive(tenant, clientId, before.clientId),
      replace(interactionItem(tenant, after), before),
      announce(event),
    ]);
    return after;
  });

/**
 * Which interactions were there with this client, newest first? One read and one query, side by side, a page of items; one
 * query more for each client that was merged into it.
 *
 * @throws Failure `resource.not-found`
 */
export const listInteractions = (tenant: TenantId, clientId: ClientId, page: Page): Promise<Paged<InteractionRecord>> =>
  pageOfThread(
    tenant,
    `interactions:${clientId}`,
    {
      id: clientId,
      absorbed: absorbedBy(tenant, clientId),
      sourcesIn: (home) => [interactionsIn(tenant, home)],
      positionOf: ({ id }) => id,
    },
    page,
  );

const StandingSchema = ClientRecordSchema.pick({ id: true, state: true, survivorId: true });
type Standing = z.infer<typeof StandingSchema>;

/** As many as one read takes. */
const LOT = 100;

/** How these clients stand, and those that they were merged into. One read for each hundred, and for each merge after the other. */
export const standingsOf = async (
  tenant: TenantId,
  ids: readonly ClientId[],
): Promise<ReadonlyMap<ClientId, Standing>> => {
  const known = new Map<ClientId, Standing>();
  for (let left = [...new Set(ids)]; left.length > 0;) {
    const keys = left.slice(0, LOT).map((id) => clientKey(tenant, id));
    const items = await getTogether(tenant, keys, ['id', 'state', 'survivorId']);
    const found = items.map((item) => StandingSchema.parse(item));
    for (const standing of found) known.set(standing.id, standing);
    const survivors = found.flatMap(({ survivorId }) => survivorId ?? []).filter((id) => !known.has(id));
    left = [...new Set([...left.slice(LOT), ...survivors])];
  }
  return known;
};

/** As which client this one lives on; undefined when it is deleted or erased. */
export const livesOnAs = (standings: ReadonlyMap<ClientId, Standing>, id: ClientId): ClientId | undefined => {
  const standing = standings.get(id);
  if (standing?.state === 'active') return id;
  if (standing?.state !== 'absorbed' || standing.survivorId === null) return undefined;
  return livesOnAs(standings, standing.survivorId);
};

interface DueFilter {
  readonly due?: Due | undefined;
  readonly userId?: UserId | undefined;
}

const PlaceSchema = z.object({ gsi1sk: z.string() });

/** The index holds what is planned and not completed; whether its client is still there is looked up. */
const queryDue = async (tenant: TenantId, userId: UserId | undefined, from: string, to: string, limit: number) => {
  // Nothing stands between two places that are the wrong way round, and the table refuses to look.
  if (from > to) return { found: [], last: undefined };
  const [index, partition] =
    userId === undefined ? ['gsi1', interactionsDue(tenant)] : ['gsi3', interactionsDueOf(tenant, userId)];
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    IndexName: index,
    KeyConditionExpression: `${index}pk = :pk AND ${index}sk BETWEEN :from AND :to`,
    ExpressionAttributeValues: { ':pk': partition, ':from': from, ':to': to },
    Limit: limit,
  });
  return {
    found: Items.map((item) => InteractionRecordSchema.parse(item)),
    last: LastEvaluatedKey === undefined ? undefined : PlaceSchema.parse(Items.at(-1)).gsi1sk,
  };
};

/**
 * Which interactions are planned and not completed, earliest due first: all, the overdue ones, those until a time, one
 * user's? One query, a page of items, and one read of their clients: those of deleted clients shorten the page.
 */
export const listDueInteractions = async (
  tenant: TenantId,
  { due, userId }: DueFilter,
  now: Date,
  { limit, cursor }: Page,
): Promise<Paged<InteractionRecord>> => {
  const list = `interactions-due:${JSON.stringify([due, userId])}`;
  const [range, oldest] = [dueRange(due, now), await oldestShown(tenant, 'interactions')];
  const to = range.to;
  const from = oldest > range.from ? oldest : range.from;
  const after = cursor === undefined ? undefined : (await openCursor(tenant, list, cursor)).after;
  // A space sorts before whatever can follow a place. What was planned may be overdue by the time the next page is asked for.
  const start = after === undefined || after < from ? from : `${after} `;
  const { found, last } = await queryDue(tenant, userId, start, to, limit);
  const standings = await standingsOf(
    tenant,
    found.map(({ clientId }) => clientId),
  );
  const items = found.flatMap((interaction) => {
    const clientId = livesOnAs(standings, interaction.clientId);
    return clientId === undefined ? [] : [{ ...interaction, clientId }];
  });
  return { items, nextCursor: last === undefined ? null : await sealCursor(tenant, list, { after: last }) };
};
