import * as z from 'zod';
import { newAct, newArrival } from '../../test/support/builders.ts';
import { itemsOf } from '../../test/support/table.ts';
import type { AssignmentMode } from '../contract/settings.ts';
import { UserIdSchema, type ChatId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { LedgerSchema } from '../domain/assignment.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { busyWith } from '../domain/chat-status.ts';
import { settingsEvent, userEvent } from '../domain/occurrence.ts';
import { newUser, type UserRecord } from '../domain/user.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { ledgerKey } from '../table/team-keys.ts';
import { getSettings, saveSettings } from '../table/settings.ts';
import { commit, untilUndisturbed, update } from '../table/transaction.ts';
import { changeUser, getUser, insertUser } from '../table/users.ts';
import { assignChats } from './assign.ts';
import { replaceChat } from './chats.ts';
import { erase } from './erase.ts';
import { receive } from './receive.ts';
import { recountLoads } from './recount-loads.ts';
import { sideBySide } from './side-by-side.ts';

const addUser = (act: Act, name: string): Promise<void> => {
  const userId = UserIdSchema.parse(name);
  const user = newUser(act, { userId, role: 'agent', name, email: null, issuedAt: 0 });
  return insertUser(act.tenant, user, userEvent(act, 'UserCreated', user));
};

const setUser = async (act: Act, name: string, change: Partial<UserRecord>): Promise<void> => {
  const before = await getUser(act.tenant, UserIdSchema.parse(name));
  const after = { ...before, ...change };
  await changeUser(act.tenant, before, after, userEvent(act, 'UserUpdated', after, before));
};

const setMode = async (act: Act, assignment: AssignmentMode): Promise<void> => {
  const before = await getSettings(act.tenant);
  const after = { ...before, assignment, version: before.version + 1, revision: before.revision + 1 };
  await saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
};

/** A tenant that gives chats to these agents by itself. */
const withAgents = async (assignment: AssignmentMode, names = ['boris', 'olim', 'vera']): Promise<Act> => {
  const act = newAct();
  await setMode(act, assignment);
  for (const name of names) await addUser(act, name);
  return act;
};

const OutboxSchema = z.object({ outbox: z.object({ event: DomainEventSchema }) });

/** Where chats and the ledger stand, and what is announced of chats, users and settings. */
const TOLD = /#CLIENT#|#ASSIGNMENT$|#USER$|#SETTINGS$/;

/** Everything that was announced of a tenant. */
const announced = async ({ tenant }: Act): Promise<DomainEvent[]> =>
  (await itemsOf(tenant, TOLD)).flatMap((item) => OutboxSchema.safeParse(item).data?.outbox.event ?? []);

const batchesOf = (events: readonly DomainEvent[]): DomainEvent[][] =>
  Array.from({ length: Math.ceil(events.length / 10) }, (_, index) => events.slice(10 * index, 10 * index + 10));

/** The stack of all tests hears of the same beside them. */
const AT_ONCE = 3;

/** All that was announced is heard of, in batches, several at once, each twice and the other way round. */
const hearAll = async (act: Act): Promise<void> => {
  const events = await announced(act);
  const batches = [...batchesOf(events), ...batchesOf(events.toReversed())];
  await sideBySide(AT_ONCE, batches, (batch) => assignChats(act, batch));
};

const headsAmong = (items: readonly Readonly<Record<string, unknown>>[]): ChatRecord[] =>
  items.filter(({ sk }) => sk === '#CHAT').map((item) => ChatRecordSchema.parse(item));

const heads = async ({ tenant }: Act): Promise<ChatRecord[]> => headsAmong(await itemsOf(tenant, TOLD));

/** Somebody counts for far more than there is. */
const spoil = ({ tenant }: Act): Promise<void> =>
  commit(tenant, [
    update(ledgerKey(tenant), {
      expression: 'SET #loads.#olim = :many, #revision = #revision + :one',
      names: { '#loads': 'loads', '#olim': 'olim', '#revision': 'revision' },
      values: { ':many': 40, ':one': 1 },
    }),
  ]);

/** Who has which open chats, which has to be what is counted. */
const tally = async (act: Act): Promise<Record<string, number>> => {
  const items = await itemsOf(act.tenant, TOLD);
  const chats = headsAmong(items);
  const groups = [...Map.groupBy(chats, busyWith)];
  const counts = Object.fromEntries(groups.flatMap(([user, all]) => (user === null ? [] : [[user, all.length]])));
  const ledger = items.find(({ sk }) => sk === 'LEDGER');
  expect(ledger === undefined ? {} : LedgerSchema.parse(ledger).loads).toEqual(counts);
  return counts;
};

/** So many strangers write. */
const write = async (act: Act, count: number): Promise<void> => {
  await sideBySide(AT_ONCE, Array.from({ length: count }), () => receive(act, newArrival()));
};

const chatsOf = async (act: Act, user: string | null): Promise<ChatRecord[]> =>
  (await heads(act)).filter(({ assigneeId }) => assigneeId === user);

const firstOf = async (act: Act, user: string | null): Promise<ChatId> => {
  const [chat] = await chatsOf(act, user);
  if (chat === undefined) throw new Error('Nobody has a chat.');
  return chat.id;
};

const nobodys = { status: 'open', snoozedUntil: null, assigneeId: null } as const;

it.each(['round-robin', 'least-busy'] as const)(
  'chats that come at once are shared equally, %s, whatever is heard again',
  async (mode) => {
    const act = await withAgents(mode);
    await write(act, 6);
    await hearAll(act);
    expect(await tally(act)).toEqual({ boris: 2, olim: 2, vera: 2 });
    const freed = await replaceChat(act, await firstOf(act, 'vera'), nobodys, undefined);
    await hearAll(act);
    expect(await tally(act)).toEqual({ boris: 2, olim: 2, vera: 1 });
    expect((await chatsOf(act, null)).map(({ id }) => id)).toEqual([freed.id]);
  },
  // The first one wakes up all who hear of it.
  90_000,
);

it('who has the fewest open chats gets the next ones, and nobody who is away any', async () => {
  const act = await withAgents('least-busy');
  await write(act, 3);
  await hearAll(act);
  const own = await firstOf(act, 'olim');
  const resolved = { status: 'resolved', snoozedUntil: null, assigneeId: UserIdSchema.parse('olim') } as const;
  await replaceChat(act, own, resolved, undefined);
  await setUser(act, 'boris', { availability: 'away' });
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1, vera: 1 });
  await write(act, 3);
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1, olim: 2, vera: 2 });
});

it('a chat that somebody takes meanwhile stays with whoever took it', async () => {
  const act = await withAgents('round-robin');
  await write(act, 4);
  const vera = UserIdSchema.parse('vera');
  const ids = (await heads(act)).map(({ id }) => id);
  await Promise.all([
    hearAll(act),
    ...ids.map((id) => replaceChat(act, id, { ...nobodys, assigneeId: vera }, undefined)),
  ]);
  await hearAll(act);
  expect(await tally(act)).toEqual({ vera: 4 });
});

it('chats that found nobody are given to who comes, but for those that somebody decided to be nobody’s', async () => {
  const act = await withAgents('least-busy', []);
  await write(act, 3);
  await hearAll(act);
  expect(await tally(act)).toEqual({});
  await addUser(act, 'boris');
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 3 });
  const freed = await replaceChat(act, await firstOf(act, 'boris'), nobodys, undefined);
  await setUser(act, 'boris', { availability: 'away' });
  await write(act, 1);
  await setUser(act, 'boris', { availability: 'available' });
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 3 });
  expect((await chatsOf(act, null)).map(({ id }) => id)).toEqual([freed.id]);
});

it('chats that came while none were given are given once they are, and those of who has left when their clients write', async () => {
  const act = await withAgents('off', ['boris']);
  const arrival = newArrival();
  await receive(act, arrival);
  await hearAll(act);
  expect(await tally(act)).toEqual({});
  await setMode(act, 'round-robin');
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1 });
  await setUser(act, 'boris', { active: false });
  await addUser(act, 'vera');
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1 });
  await receive(act, newArrival({ from: arrival.inbound.from }, arrival.channelId));
  await hearAll(act);
  expect(await tally(act)).toEqual({ vera: 1 });
});

it('a chat counts for nobody any more once its client is erased', async () => {
  const act = await withAgents('round-robin', ['boris']);
  await write(act, 2);
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 2 });
  await erase(act, await firstOf(act, 'boris'), () => []);
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1 });
});

it('what is counted wrongly is mended while chats go on coming', async () => {
  const act = await withAgents('least-busy');
  await write(act, 4);
  await hearAll(act);
  await untilUndisturbed(() => spoil(act));
  const all = async function* () {
    yield (await heads(act)).map(({ id }) => id);
  };
  const [mended] = await Promise.all([recountLoads(act, all()), write(act, 2).then(() => hearAll(act))]);
  expect(mended).toContain('olim');
  await hearAll(act);
  await tally(act);
});
