import fc from 'fast-check';
import { MessageIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { buildClient, newAct, newMessageId } from '../../test/support/builders.ts';
import { asking, emptyLedger, nextAssignee, takeTurns, type Ledger } from './assignment.ts';
import { newChat, type ChatRecord } from './chat.ts';

const act = newAct();
const user = (name: string) => UserIdSchema.parse(name);
const userIds = (count: number) => Array.from({ length: count }, (_, index) => user(`user-${index}`));

/** An open chat that nobody has, in which the client wrote. */
const openChat = (changes: Partial<ChatRecord> = {}): ChatRecord => ({
  ...newChat(act, buildClient(act)),
  openedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

const heard = (chats: readonly ChatRecord[]) => new Map(chats.map(({ id }) => [id, newMessageId()]));

const shares = (ledger: Ledger, users: readonly string[]): number[] => users.map((id) => ledger.loads[id] ?? 0);
const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

it.each(['round-robin', 'least-busy'] as const)('%s gives everybody as many, within one', (mode) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }),
      (m, batches) => {
        const users = userIds(m);
        let ledger = emptyLedger;
        for (const batch of batches) {
          const chats = Array.from({ length: batch }, () => openChat());
          const waiting = asking(chats, heard(chats));
          ({ ledger } = takeTurns(ledger, chats, { mode, asking: waiting, users }));
        }
        const counts = shares(ledger, users);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(batches.reduce((sum, batch) => sum + batch, 0));
        expect(spread(counts)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

it('least busy is who has the fewest open chats, and among equals whose turn it is', () => {
  const [ana, boris, vera] = [user('ana'), user('boris'), user('vera')];
  const ledger = { last: ana, loads: { ana: 1, boris: 3, vera: 1 }, revision: 7 };
  expect(nextAssignee('least-busy', ledger, [ana, boris, vera])).toBe('vera');
  expect(nextAssignee('least-busy', ledger, [ana, boris])).toBe('ana');
  expect(nextAssignee('round-robin', ledger, [vera, ana])).toBe('vera');
  expect(nextAssignee('round-robin', { ...ledger, last: user('zoe') }, [vera, ana])).toBe('ana');
  expect(nextAssignee('round-robin', ledger, [])).toBeUndefined();
});

it('only an open chat that nobody has, and has not been decided on since, asks for somebody', () => {
  const [earlier, later] = [newMessageId(), newMessageId()].toSorted();
  const asks = (changes: Partial<ChatRecord>): boolean => {
    const chat = openChat(changes);
    return asking([chat], new Map([[chat.id, MessageIdSchema.parse(earlier)]])).length === 1;
  };
  expect(asks({})).toBe(true);
  expect(asks({ decidedAfter: MessageIdSchema.parse(later) })).toBe(false);
  expect(asks({ decidedAfter: MessageIdSchema.parse(earlier) })).toBe(false);
  expect(asks({ assigneeId: user('ana') })).toBe(false);
  expect(asks({ status: 'resolved' })).toBe(false);
  expect(asks({ state: 'absorbed' })).toBe(false);
  expect(asks({ openedAt: null })).toBe(false);
});

it('a chat counts for whoever has it while it is open and there, and only once', () => {
  const ana = user('ana');
  const settle = (ledger: Ledger, chat: ChatRecord) => {
    const taken = takeTurns(ledger, [chat], { mode: 'off', asking: [], users: [] });
    return { ledger: taken.ledger, chat: taken.turns[0]?.after ?? chat };
  };
  const given = settle(emptyLedger, openChat({ assigneeId: ana }));
  expect(given.ledger.loads).toEqual({ ana: 1 });
  expect(settle(given.ledger, given.chat).ledger).toBe(given.ledger);
  for (const change of [{ status: 'resolved' }, { state: 'deleted' }, { assigneeId: null }] as const) {
    expect(settle(given.ledger, { ...given.chat, ...change }).ledger.loads).toEqual({});
  }
  expect(settle(given.ledger, { ...given.chat, assigneeId: user('boris') }).ledger.loads).toEqual({ boris: 1 });
});
