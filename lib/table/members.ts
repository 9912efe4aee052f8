import * as z from 'zod';
import type { Member } from '../contract/messages.ts';
import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import type { ChatRecord } from '../domain/chat.ts';
import {
  distinctMembers,
  MemberRecordSchema,
  showMember,
  type MemberRecord,
  type MemberTransportRecord,
} from '../domain/member.ts';
import { getTogether, query, queryAll } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { clientCollection, MEMBER, MEMBER_TRANSPORT, memberKey, MEMBERS } from './keys.ts';
import { membersAmong, transportsAmong } from './member-items.ts';
import type { Page, Paged } from './page.ts';

const under = (tenant: TenantId, home: ChatId, prefix: string) => ({
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
  ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':prefix': prefix },
});

const membersIn = async (tenant: TenantId, chatId: ChatId, home: ChatId): Promise<Member[]> =>
  membersAmong(chatId, await queryAll(tenant, under(tenant, home, MEMBERS)));

/** Who takes part in this chat, some of whom are known, and took part in those that it absorbed? One query for each of these. */
export const withAbsorbedMembers = async (
  tenant: TenantId,
  { id, absorbed }: Pick<ChatRecord, 'id' | 'absorbed'>,
  known: readonly Member[],
): Promise<Member[]> => {
  const others = await Promise.all(absorbed.map((home) => membersIn(tenant, id, home)));
  return distinctMembers([...known, ...others.flat()]);
};

/** Who takes part in these chats? One query for each, all its members. */
export const listAllMembers = async (tenant: TenantId, homes: readonly ChatId[]): Promise<Member[]> => {
  const members = await Promise.all(homes.map((home) => membersIn(tenant, home, home)));
  return members.flat();
};

const KeySchema = z.object({ sk: z.string() });

const membersAfter = async (tenant: TenantId, home: ChatId, after: string | undefined, limit: number) => {
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    ...under(tenant, home, MEMBER),
    Limit: limit,
    ...(after !== undefined && { ExclusiveStartKey: { pk: clientCollection(tenant, home), sk: after } }),
  });
  return {
    found: Items.map((item) => ({ ...KeySchema.parse(item), home, member: MemberRecordSchema.parse(item) })),
    reachedTo: LastEvaluatedKey === undefined ? undefined : KeySchema.parse(LastEvaluatedKey).sk,
  };
};

/** What do providers know of the members of this chat? One query; as many items as there are places they wrote from. */
const transportsIn = async (tenant: TenantId, home: ChatId): Promise<MemberTransportRecord[]> =>
  transportsAmong(await queryAll(tenant, under(tenant, home, MEMBER_TRANSPORT)));

const earliestOf = (places: readonly string[]): string | undefined => places.toSorted()[0];

/**
 * Who takes part in this chat, and took part in those that it absorbed? Two queries for each of them, side by side, a page
 * of items.
 */
export const listMembers = async (
  tenant: TenantId,
  { id, absorbed }: Pick<ChatRecord, 'id' | 'absorbed'>,
  { limit, cursor }: Page,
): Promise<Paged<Member>> => {
  const list = `members:${id}`;
  const after = cursor === undefined ? undefined : (await openCursor(tenant, list, cursor)).after;
  const homes = [id, ...absorbed];
  const [stretches, transports] = await Promise.all([
    Promise.all(homes.map((home) => membersAfter(tenant, home, after, limit))),
    Promise.all(homes.map(async (home) => [home, await transportsIn(tenant, home)] as const)),
  ]);
  const transportsOf = new Map(transports);
  const frontier = earliestOf(stretches.flatMap(({ reachedTo }) => reachedTo ?? []));
  const known = stretches.flatMap(({ found }) => found).filter(({ sk }) => frontier === undefined || sk <= frontier);
  const places = [...new Set(known.map(({ sk }) => sk))].toSorted();
  const taken = new Set(places.slice(0, limit));
  const next = places.length > limit ? [...taken].at(-1) : frontier;
  const shown = known
    .filter(({ sk }) => taken.has(sk))
    .toSorted((one, other) => (one.sk < other.sk ? -1 : 1))
    .map(({ home, member }) => showMember(id, member, transportsOf.get(home) ?? []));
  return {
    items: distinctMembers(shown),
    nextCursor: next === undefined ? null : await sealCursor(tenant, list, { after: next }),
  };
};

interface Found {
  readonly home: ChatId;
  readonly record: MemberRecord;
  readonly transports: readonly MemberTransportRecord[];
}

/**
 * Who is this member, in each collection that it is in? One read; for one that is there, one query more for each of its
 * collections.
 */
export const findMember = async (
  tenant: TenantId,
  { id, absorbed }: Pick<ChatRecord, 'id' | 'absorbed'>,
  memberId: string,
): Promise<Found[]> => {
  const homes = [id, ...absorbed];
  const items = await getTogether(
    tenant,
    homes.map((home) => memberKey(tenant, home, memberId)),
  );
  const found = homes.flatMap((home) => {
    const item = items.find(({ pk }) => pk === clientCollection(tenant, home));
    return item === undefined ? [] : [{ home, record: MemberRecordSchema.parse(item) }];
  });
  return Promise.all(
    found.map(async ({ home, record }) => {
      const all = await transportsIn(tenant, home);
      return { home, record, transports: all.filter((transport) => transport.memberId === memberId) };
    }),
  );
};
