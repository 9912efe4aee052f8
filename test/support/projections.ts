import type { TenantId } from '../../lib/contract/vocabulary.ts';
import { foldCase } from '../../lib/domain/case-fold.ts';
import { ChatRecordSchema } from '../../lib/domain/chat.ts';
import { ClientRecordSchema } from '../../lib/domain/client.ts';
import { evaluate } from '../../lib/domain/segment-filter.ts';
import { SegmentRecordSchema, SegmentStateRecordSchema } from '../../lib/domain/segment.ts';
import { itemsOf } from './table.ts';

const tally = (rows: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(rows, (row) => row)].map(([row, all]) => [row, all.length] as const));

type Item = Readonly<Record<string, unknown>>;
const under = (items: readonly Item[], partition: string): Item[] =>
  items.filter(({ pk }) => String(pk).startsWith(partition));

/** By which tags and segments whom can be found, and how many are said to be, as it is stored. */
const found = (items: readonly Item[], tenant: TenantId) => {
  const rows = (kind: string): string[] =>
    under(items, `T#${tenant}#${kind}#`).map(
      ({ pk, sk }) => `${String(pk).slice(`T#${tenant}#${kind}#`.length)} ${String(sk)}`,
    );
  const counts = under(items, `T#${tenant}#TAGS`).map(({ sk, count }) => [String(sk), Number(count)] as const);
  const states = under(items, `T#${tenant}#SEGMENT_STATE#`).map((item) => ({
    id: String(item.pk).slice(`T#${tenant}#SEGMENT_STATE#`.length),
    ...SegmentStateRecordSchema.parse(item),
  }));
  return {
    tagged: rows('TAG').toSorted(),
    tags: Object.fromEntries(counts.toSorted()),
    members: rows('SEGMENT').toSorted(),
    segments: Object.fromEntries(states.map(({ id, memberCount }) => [id, memberCount] as const).toSorted()),
  };
};

/** The same by looking at every client. Tags and ids here hold nothing that a key writes otherwise. */
const bruteForce = (items: readonly Item[]) => {
  const chats = new Map(
    items.filter(({ sk }) => sk === '#CHAT').map((item) => [item.pk, ChatRecordSchema.parse(item)]),
  );
  const clients = items
    .filter(({ sk }) => sk === '#CLIENT')
    .map((item) => ({ client: ClientRecordSchema.parse(item), chat: chats.get(item.pk), now: new Date() }))
    .filter(({ client }) => client.state === 'active');
  const segments = items
    .filter(({ sk }) => String(sk).startsWith('SEGMENT#'))
    .map((item) => SegmentRecordSchema.parse(item));
  const tagged = clients.flatMap(({ client }) => client.tags.map((tag) => [foldCase(tag), client.id] as const));
  const members = segments.flatMap(({ id, generation, filter }) =>
    clients.filter((facts) => evaluate(filter, facts).holds).map(({ client }) => [id, generation, client.id] as const),
  );
  return {
    tagged: tagged.map(([tag, id]) => `${tag} ${id}`).toSorted(),
    tags: tally(tagged.map(([tag]) => tag)),
    members: members.map(([id, generation, clientId]) => `${id} ${generation}#${clientId}`).toSorted(),
    segments: { ...Object.fromEntries(segments.map(({ id }) => [id, 0])), ...tally(members.map(([id]) => id)) },
  };
};

/** Everybody is found by exactly the tags and segments that are theirs, and every count is right. */
export const expectExact = async (tenant: TenantId): Promise<void> => {
  const items = await itemsOf(tenant);
  expect(found(items, tenant)).toEqual(bruteForce(items));
};
