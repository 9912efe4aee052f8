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
import { newUser } from '../domain/user.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { getSettings, saveSettings } from '../table/settings.ts';
import { changeUser, findUsers, insertUser } from '../table/users.ts';
import { assignChats } from './assign.ts';
import { replaceChat } from './chats.ts';
import { receive } from './receive.ts';

const addUser = (act: Act, name: string): Promise<void> => {
  const userId = UserIdSchema.parse(name);
  const user = newUser(act, { userId, role: 'agent', name, email: null, issuedAt: 0 });
  return insertUser(act.tenant, user, userEvent(act, 'UserCreated', user));
};

/** A tenant that gives chats to three agents by itself. */
const withAgents = async (assignment: AssignmentMode): Promise<Act> => {
  const act = newAct();
  const before = await getSettings(act.tenant);
  const after = { ...before, assignment, version: 2, revision: 1 };
  await saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
  for (const name of ['boris', 'olim', 'vera']) await addUser(act, name);
  return act;
};

const OutboxSchema = z.object({ outbox: z.object({ event: DomainEventSchema }) });

/** Everything that was announced of a tenant. */
const announced = async ({ tenant }: Act): Promise<DomainEvent[]> =>
  (await itemsOf(tenant)).flatMap((item) => OutboxSchema.safeParse(item).data?.outbox.event ?? []);

const batchesOf = (events: readonly DomainEvent[]): DomainEvent[][] =>
  Array.from({ length: Math.ceil(events.length / 10) }, (_, index) => events.slice(10 * index, 10 * index + 10));

/** All that was announced is heard of, in batches, several at once, each twice and the other way round. */
const hearAll = async (act: Act): Promise<void> => {
  const events = await announced(act);
  await Promise.all([...batchesOf(events), ...batchesOf(events.toReversed())].map((batch) => assignChats(act, batch)));
};

/** Who has which open chats, which has to be what is counted. */
const tally = async (act: Act): Promise<Record<string, number>> => {
  const items = await itemsOf(act.tenant);
  const chats = items.filter(({ sk }) => sk === '#CHAT').map((item) => ChatRecordSchema.parse(item));
  const groups = [...Map.groupBy(chats, busyWith)];
  const counts = Object.fromEntries(groups.flatMap(([user, all]) => (user === null ? [] : [[user, all.length]])));
  const ledger = items.find(({ sk }) => sk === 'LEDGER');
  expect(ledger === undefined ? {} : LedgerSchema.parse(ledger).loads).toEqual(counts);
  return counts;
};

/** So many strangers write. */
const write = async (act: Act, count: number): Promise<void> => {
  for (let done = 0; done < count; done += 5) {
    await Promise.all(Array.from({ length: Math.min(5, count - done) }, () => receive(act, newArrival())));
  }
};

const chatsOf = async ({ tenant }: Act, user: string | null): Promise<ChatRecord[]> =>
  (await itemsOf(tenant))
    .filter(({ sk }) => sk === '#CHAT')
    .map((item) => ChatRecordSchema.parse(item))
    .filter(({ assigneeId }) => assigneeId === user);

const firstOf = async (act: Act, user: string | null): Promise<ChatId> => {
  const [chat] = await chatsOf(act, user);
  if (chat === undefined) throw new Error('Nobody has a chat.');
  return chat.id;
};

const nobodys = { status: 'open', snoozedUntil: null, assigneeId: null } as const;

it.each(['round-robin', 'least-busy'] as const)(
  '30 chats at once are shared equally, %s, whatever is heard again',
  async (mode) => {
    const act = await withAgents(mode);
    await write(act, 30);
    await hearAll(act);
    expect(await tally(act)).toEqual({ boris: 10, olim: 10, vera: 10 });
    const freed = await replaceChat(act, await firstOf(act, 'vera'), nobodys, undefined);
    await hearAll(act);
    expect(await tally(act)).toEqual({ boris: 10, olim: 10, vera: 9 });
    expect((await chatsOf(act, null)).map(({ id }) => id)).toEqual([freed.id]);
  },
);

it('who has the fewest open chats gets the next ones, and nobody who is away any', async () => {
  const act = await withAgents('least-busy');
  await write(act, 3);
  await hearAll(act);
  const own = await firstOf(act, 'olim');
  const resolved = { status: 'resolved', snoozedUntil: null, assigneeId: UserIdSchema.parse('olim') } as const;
  await replaceChat(act, own, resolved, undefined);
  for (const user of (await findUsers(act.tenant)).filter(({ id }) => id === 'boris')) {
    const after = { ...user, availability: 'away' } as const;
    await changeUser(act.tenant, user, after, userEvent(act, 'UserUpdated', after, user));
  }
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1, vera: 1 });
  await write(act, 3);
  await hearAll(act);
  expect(await tally(act)).toEqual({ boris: 1, olim: 2, vera: 2 });
});

it('a chat that somebody takes meanwhile stays with whoever took it', async () => {
  const act = await withAgents('round-robin');
  await write(act, 5);
  const vera = UserIdSchema.parse('vera');
  const ids = (await chatsOf(act, null)).map(({ id }) => id);
  await Promise.all([
    hearAll(act),
    ...ids.map((id) => replaceChat(act, id, { ...nobodys, assigneeId: vera }, undefined)),
  ]);
  await hearAll(act);
  expect(await tally(act)).toEqual({ vera: 5 });
});
