import fc from 'fast-check';
import { MessageIdSchema, UserIdSchema, type UserId } from '../contract/vocabulary.ts';
import { buildClient, newAct, newMessageId, outboundMessage } from '../../test/support/builders.ts';
import {
  asksSince,
  availableAmong,
  emptyLedger,
  givenAtOnce,
  MOST_EACH,
  nextAssignee,
  takeTurns,
  waits,
  type Ledger,
} from './assignment.ts';
import { digest, newChat, type ChatRecord } from './chat.ts';
import { newUser, type UserRecord } from './user.ts';

const act = newAct();
const user = (name: string) => UserIdSchema.parse(name);
const userIds = (count: number) => Array.from({ length: count }, (_, index) => user(`user-${index}`));

/** An open chat that nobody has, in which the client wrote. */
const openChat = (changes: Partial<ChatRecord> = {}): ChatRecord => ({
  ...newChat(act, buildClient(act)),
  openedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

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
          ({ ledger } = takeTurns(ledger, chats, { mode, asking: chats, users }));
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
  const ledger = { ...emptyLedger, last: ana, loads: { ana: 1, boris: 3, vera: 1 } };
  expect(nextAssignee('least-busy', ledger, [ana, boris, vera])).toBe('vera');
  expect(nextAssignee('least-busy', ledger, [ana, boris])).toBe('ana');
  expect(nextAssignee('round-robin', ledger, [vera, ana])).toBe('vera');
  expect(nextAssignee('round-robin', { ...ledger, last: user('zoe') }, [vera, ana])).toBe('ana');
  expect(nextAssignee('round-robin', ledger, [])).toBeUndefined();
});

it('only an open chat that nobody has, and has not been decided on since, asks for somebody', () => {
  const [earlier, later] = [newMessageId(), newMessageId()].toSorted();
  const asks = (changes: Partial<ChatRecord>, gone?: ReadonlySet<string>): boolean =>
    asksSince(openChat(changes), MessageIdSchema.parse(earlier), gone);
  expect(asks({})).toBe(true);
  expect(asks({ decidedAfter: MessageIdSchema.parse(later) })).toBe(false);
  expect(asks({ decidedAfter: MessageIdSchema.parse(earlier) })).toBe(false);
  expect(asks({ assigneeId: user('ana') })).toBe(false);
  expect(asks({ status: 'resolved' })).toBe(false);
  expect(asks({ state: 'absorbed' })).toBe(false);
  expect(asks({ openedAt: null })).toBe(false);
  expect(asksSince(openChat(), undefined)).toBe(false);
  const gone = new Set(['ana']);
  expect([asks({ assigneeId: user('ana') }, gone), asks({ assigneeId: user('boris') }, gone)]).toEqual([true, false]);
});

it('a chat waits for somebody if its client wrote, and nobody decided since then who has it', () => {
  const message = outboundMessage(act, openChat().id);
  const theirs = { lastMessage: { ...digest(message), direction: 'inbound' }, lastInboundTransport: 'sms' } as const;
  const ours = { ...theirs, lastMessage: digest(message) };
  const before = MessageIdSchema.parse('00000000-0000-7000-8000-000000000000');
  const waiting = (changes: Partial<ChatRecord>): boolean => waits(openChat(changes));
  expect(waiting({})).toBe(false);
  expect(waiting(theirs)).toBe(true);
  expect(waiting(ours)).toBe(true);
  expect(waiting({ ...theirs, assigneeId: user('ana') })).toBe(false);
  expect(waiting({ ...theirs, status: 'snoozed' })).toBe(false);
  expect(waiting({ ...theirs, decidedAfter: message.id })).toBe(false);
  expect(waiting({ ...theirs, decidedAfter: before })).toBe(true);
  expect(waiting({ ...ours, decidedAfter: before })).toBe(false);
});

it('those who have waited longest are given first, and no more than so many to each', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const chats = Array.from({ length: 70 }, (_, minute) => openChat({ lastMessageAt: at(minute) }));
  const ids = chats.map(({ id }) => id);
  expect(givenAtOnce(chats.toReversed(), 1)).toEqual(ids.slice(0, MOST_EACH));
  expect(givenAtOnce(chats, 2)).toEqual(ids.slice(0, 2 * MOST_EACH));
  expect(givenAtOnce(chats, 3)).toEqual(ids);
});

it('agents who are there are asked, and others only where no agent is at work', () => {
  const of = (name: string, role: 'admin' | 'agent', changes: Partial<UserRecord> = {}): UserRecord => ({
    ...newUser(act, { userId: user(name), role, name, email: null, issuedAt: 0 }),
    ...changes,
  });
  const [ana, boris, vera] = [of('ana', 'admin'), of('boris', 'agent'), of('vera', 'agent')];
  const [away, left] = [{ availability: 'away' }, { active: false }] as const;
  expect(availableAmong([ana, boris, vera])).toEqual(['boris', 'vera']);
  expect(availableAmong([ana, { ...boris, ...away }, vera])).toEqual(['vera']);
  expect(availableAmong([ana, { ...boris, ...away }, { ...vera, ...left }])).toEqual([]);
  expect(availableAmong([ana, { ...boris, ...left }, { ...vera, ...left }])).toEqual(['ana']);
  expect(availableAmong([{ ...ana, ...away }])).toEqual([]);
});

it('a recount counts each chat once, whatever becomes of it meanwhile', () => {
  const [ana, boris] = [user('ana'), user('boris')];
  const wrong: Ledger = { ...emptyLedger, loads: { ana: 7 }, recount: { number: 3, loads: {} } };
  const had = (assigneeId: UserId) => openChat({ assigneeId, countedFor: assigneeId });
  const settle = (ledger: Ledger, chat: ChatRecord) => {
    const taken = takeTurns(ledger, [chat], { mode: 'off', asking: [], users: [] });
    return { ledger: taken.ledger, chat: taken.turns[0]?.after ?? chat };
  };
  const loadsOf = ({ ledger }: { ledger: Ledger }) => ledger.recount?.loads;
  const first = settle(wrong, had(ana));
  expect(loadsOf(first)).toEqual({ ana: 1 });
  expect(settle(first.ledger, first.chat).ledger).toBe(first.ledger);
  // It is given to somebody else after it was counted, and before.
  expect(loadsOf(settle(first.ledger, { ...first.chat, assigneeId: boris }))).toEqual({ boris: 1 });
  expect(loadsOf(settle(first.ledger, { ...had(ana), assigneeId: boris }))).toEqual({ ana: 1, boris: 1 });
  expect(loadsOf(settle(first.ledger, { ...had(ana), status: 'resolved' }))).toEqual({ ana: 1 });
  expect(loadsOf(settle(first.ledger, { ...first.chat, status: 'resolved' }))).toEqual({});
  expect(settle(first.ledger, openChat()).ledger).toBe(first.ledger);
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

it.each(['constructor', 'toString', 'hasOwnProperty'])('a user may be called %s', (name) => {
  const chat = openChat();
  const { ledger } = takeTurns(emptyLedger, [chat], { mode: 'least-busy', asking: [chat], users: [user(name)] });
  expect(ledger.loads).toEqual({ [name]: 1 });
});
