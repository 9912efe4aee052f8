import fc from 'fast-check';
import { buildClient, clientInput, newAct, newChannelId } from '../../test/support/builders.ts';
import { SegmentFilterSchema } from '../contract/segment-filter.ts';
import { newChat, type ChatRecord } from './chat.ts';
import { newClient, type ClientRecord } from './client.ts';
import { evaluate, looksAtChats, type Verdict } from './segment-filter.ts';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const DAY_MS = 24 * 3600 * 1000;
const act = newAct({ now: () => NOW });
const daysAgo = (days: number): string => new Date(NOW.getTime() - days * DAY_MS).toISOString();

const channelId = newChannelId();
const withChat = (client: ClientRecord, changes: Partial<ChatRecord> = {}): ChatRecord => ({
  ...newChat(act, client),
  openedAt: NOW.toISOString(),
  ...changes,
});

const verdictOf = (conditions: readonly unknown[], client: ClientRecord, chat?: ChatRecord, now = NOW): Verdict =>
  evaluate(SegmentFilterSchema.parse({ all: conditions }), { client, chat, now });
const holds = (condition: unknown, client: ClientRecord, chat?: ChatRecord): boolean =>
  verdictOf([condition], client, chat).holds;

describe('a filter', () => {
  it('without conditions finds every client', () => {
    expect(verdictOf([], buildClient(act))).toEqual({ holds: true, until: null });
    expect(SegmentFilterSchema.parse({})).toEqual({ all: [] });
  });

  it('finds who meets all conditions', () => {
    const client = buildClient(act, { tags: ['vip'], customFields: { size: 'M' } });
    const vip = { field: 'tags', operator: 'any', tags: ['vip'] };
    const size = (value: string) => ({ field: 'customField', name: 'size', operator: 'equals', value });
    expect(verdictOf([vip, size('M')], client).holds).toBe(true);
    expect(verdictOf([vip, size('L')], client).holds).toBe(false);
  });

  it.each([
    ['any', ['VIP', 'x'], true],
    ['any', ['x'], false],
    ['all', ['Vip', 'NEW'], true],
    ['all', ['vip', 'x'], false],
    ['none', ['x', 'y'], true],
    ['none', ['x', 'New'], false],
  ])('of tags: %s of %j', (operator, tags, expected) => {
    expect(holds({ field: 'tags', operator, tags }, buildClient(act, { tags: ['vip', 'new'] }))).toBe(expected);
  });

  it.each([
    [{ name: 'size', operator: 'equals', value: 'm' }, true],
    [{ name: 'size', operator: 'equals', value: 'L' }, false],
    [{ name: 'size', operator: 'not-equals', value: 'L' }, true],
    [{ name: 'nothing', operator: 'not-equals', value: 'L' }, true],
    [{ name: 'visits', operator: 'equals', value: 3 }, true],
    [{ name: 'visits', operator: 'equals', value: '3' }, false],
    [{ name: 'visits', operator: 'in', values: [1, 3] }, true],
    [{ name: 'visits', operator: 'less', value: 3 }, false],
    [{ name: 'visits', operator: 'at-most', value: 3 }, true],
    [{ name: 'visits', operator: 'greater', value: 2.5 }, true],
    [{ name: 'visits', operator: 'at-least', value: 4 }, false],
    [{ name: 'visits', operator: 'at-least', value: '2020-01-01' }, false],
    [{ name: 'since', operator: 'less', value: '2024-10-01' }, true],
    [{ name: 'since', operator: 'at-least', value: '2024-09-30' }, true],
    [{ name: 'size', operator: 'less', value: '2024-10-01' }, false],
    [{ name: 'loyal', operator: 'equals', value: true }, true],
    [{ name: 'loyal', operator: 'in', values: [false] }, false],
    [{ name: 'note', operator: 'contains', value: 'MORN' }, true],
    [{ name: 'visits', operator: 'contains', value: '3' }, false],
    [{ name: 'size', operator: 'present' }, true],
    [{ name: 'empty', operator: 'present' }, false],
    [{ name: 'empty', operator: 'absent' }, true],
    [{ name: 'toString', operator: 'absent' }, true],
  ])('of a custom field: %j', (condition, expected) => {
    const customFields = {
      size: 'M',
      visits: 3,
      loyal: true,
      since: '2024-09-30',
      note: 'In the morning',
      empty: null,
    };
    expect(holds({ field: 'customField', ...condition }, buildClient(act, { customFields }))).toBe(expected);
  });

  it('of contacts counts the own phone and e-mail', () => {
    const client = newClient(act, clientInput({ phone: '+998901234567', email: 'a@example.com' }), null);
    const has = (type: string) => holds({ field: 'contact', operator: 'has', type }, client);
    expect([has('phone'), has('email'), has('telegram')]).toEqual([true, true, false]);
    expect(holds({ field: 'contact', operator: 'lacks', type: 'telegram' }, client)).toBe(true);
  });

  it('of consent asks about the address that a message would go to', () => {
    const reachable = buildClient(act, { phone: '+998901234567' });
    const refusing = { ...reachable, phoneOptedOut: true };
    const ask = (client: ClientRecord, operator: string, transport = 'sms', chat?: ChatRecord) =>
      holds({ field: 'consent', operator, transport }, client, chat);
    expect([ask(reachable, 'opted-in'), ask(reachable, 'opted-out')]).toEqual([true, false]);
    expect([ask(refusing, 'opted-in'), ask(refusing, 'opted-out', 'whatsapp')]).toEqual([false, true]);
    expect([ask(reachable, 'opted-in', 'telegram'), ask(reachable, 'opted-out', 'telegram')]).toEqual([false, false]);
  });

  it('of the chat asks how it stands, and what the client last wrote on', () => {
    const client = buildClient(act);
    const chat = withChat(client, {
      status: 'snoozed',
      lastInboundTransport: 'telegram',
      routesBack: { telegram: { channelId, address: '5' } },
    });
    expect(holds({ field: 'status', operator: 'in', statuses: ['snoozed'] }, client, chat)).toBe(true);
    expect(holds({ field: 'status', operator: 'in', statuses: ['open'] }, client, chat)).toBe(false);
    expect(holds({ field: 'assignee', operator: 'unassigned' }, client, chat)).toBe(true);
    expect(holds({ field: 'assignee', operator: 'in', userIds: ['ana'] }, client, chat)).toBe(false);
    expect(holds({ field: 'lastTransport', operator: 'in', transports: ['sms', 'telegram'] }, client, chat)).toBe(true);
    expect(holds({ field: 'lastTransport', operator: 'in', transports: ['sms'] }, client, chat)).toBe(false);
    expect(holds({ field: 'lastChannel', operator: 'in', channelIds: [channelId] }, client, chat)).toBe(true);
    expect(holds({ field: 'lastChannel', operator: 'in', channelIds: [newChannelId()] }, client, chat)).toBe(false);
  });

  it('of status finds nobody whose chat was never opened', () => {
    const client = buildClient(act);
    const statuses = { field: 'status', operator: 'in', statuses: ['open', 'resolved', 'snoozed'] };
    expect(holds(statuses, client, withChat(client, { openedAt: null }))).toBe(false);
    expect(holds(statuses, client)).toBe(false);
    expect(holds(statuses, client, withChat(client))).toBe(true);
  });

  it.each(['createdAt', 'lastMessageAt'])('of %s compares dates, and says when time alone changes it', (field) => {
    const client = { ...buildClient(act), createdAt: daysAgo(5) };
    const chat = withChat(client, { lastMessageAt: daysAgo(5) });
    const ask = (condition: object) => verdictOf([{ field, ...condition }], client, chat);
    const at = (days: number) => NOW.getTime() + days * DAY_MS;
    expect(ask({ operator: 'before', at: daysAgo(4) })).toEqual({ holds: true, until: null });
    expect(ask({ operator: 'before', at: daysAgo(5) })).toEqual({ holds: false, until: null });
    expect(ask({ operator: 'after', at: daysAgo(6) })).toEqual({ holds: true, until: null });
    expect(ask({ operator: 'after', at: daysAgo(5) })).toEqual({ holds: false, until: null });
    expect(ask({ operator: 'within-days', days: 7 })).toEqual({ holds: true, until: at(2) });
    expect(ask({ operator: 'within-days', days: 5 })).toEqual({ holds: false, until: null });
    expect(ask({ operator: 'older-than-days', days: 7 })).toEqual({ holds: false, until: at(2) });
    expect(ask({ operator: 'older-than-days', days: 5 })).toEqual({ holds: true, until: null });
  });

  it('of the last message tells never from long ago', () => {
    const client = buildClient(act);
    const never = { field: 'lastMessageAt', operator: 'never' };
    const old = { field: 'lastMessageAt', operator: 'older-than-days', days: 1 };
    expect([holds(never, client, withChat(client)), holds(old, client, withChat(client))]).toEqual([true, false]);
    const written = withChat(client, { lastMessageAt: daysAgo(2) });
    expect([holds(never, client, written), holds(old, client, written)]).toEqual([false, true]);
  });

  it('looks at chats only where a condition does', () => {
    const looks = (condition: unknown) => looksAtChats(SegmentFilterSchema.parse({ all: [condition] }));
    expect(looks({ field: 'createdAt', operator: 'within-days', days: 1 })).toBe(false);
    expect(looks({ field: 'lastMessageAt', operator: 'never' })).toBe(true);
  });
});

const dateCondition = fc.record({
  field: fc.constantFrom('createdAt', 'lastMessageAt'),
  operator: fc.constantFrom('within-days', 'older-than-days'),
  days: fc.integer({ min: 1, max: 20 }),
});

describe('time', () => {
  it('changes nothing before the moment that a verdict names', () => {
    const facts = fc.record({
      conditions: fc.array(dateCondition, { maxLength: 4 }),
      created: fc.integer({ min: 0, max: 20 }),
      wrote: fc.option(fc.integer({ min: 0, max: 20 })),
      later: fc.integer({ min: 0, max: 40 * DAY_MS }),
    });
    fc.assert(
      fc.property(facts, ({ conditions, created, wrote, later }) => {
        const client = { ...buildClient(act), createdAt: daysAgo(created) };
        const chat = withChat(client, { lastMessageAt: wrote === null ? null : daysAgo(wrote) });
        const { holds: now, until } = verdictOf(conditions, client, chat);
        if (until !== null) expect(until).toBeGreaterThan(NOW.getTime());
        const then = Math.min(NOW.getTime() + later, (until ?? Number.POSITIVE_INFINITY) - 1);
        expect(verdictOf(conditions, client, chat, new Date(then)).holds).toBe(now);
      }),
    );
  });
});

describe('a filter that is none', () => {
  it.each([
    ['an unknown field', { field: 'age', operator: 'less', value: 3 }, ['all', 0, 'field']],
    ['an unknown operator', { field: 'tags', operator: 'some', tags: ['a'] }, ['all', 0, 'operator']],
    ['too much', { field: 'tags', operator: 'any', tags: ['a'], values: [] }, ['all', 0]],
    ['no tags', { field: 'tags', operator: 'any', tags: [] }, ['all', 0, 'tags']],
    ['days that are none', { field: 'createdAt', operator: 'within-days', days: 0 }, ['all', 0, 'days']],
    [
      'a value that presence does not take',
      { field: 'customField', name: 'a', operator: 'present', value: 1 },
      ['all', 0],
    ],
    [
      'a date for less that is none',
      { field: 'customField', name: 'a', operator: 'less', value: 'b' },
      ['all', 0, 'value'],
    ],
  ])('is refused for %s', (_, condition, path) => {
    expect(SegmentFilterSchema.safeParse({ all: [condition] }).error?.issues).toMatchObject([{ path }]);
  });

  it('is refused when it is too large', () => {
    const tags = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(50, 'ж'));
    expect(SegmentFilterSchema.safeParse({ all: [{ field: 'tags', operator: 'any', tags }] }).success).toBe(true);
    const twice = { all: [1, 2].map(() => ({ field: 'tags', operator: 'any', tags })) };
    expect(SegmentFilterSchema.safeParse(twice).success).toBe(false);
    const many = { all: Array.from({ length: 21 }, () => ({ field: 'lastMessageAt', operator: 'never' })) };
    expect(SegmentFilterSchema.safeParse(many).success).toBe(false);
  });
});
