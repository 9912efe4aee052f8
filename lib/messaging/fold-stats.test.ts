import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { MessageIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { newChat } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { receivedMessage, type MessageRecord } from '../domain/message.ts';
import { chatEvent, clientEvent, messageEvent } from '../domain/occurrence.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { insertMessage } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import { plantClient } from '../../test/support/indexing.ts';
import { foldEvents } from './fold-stats.ts';
import { readActivity, readOverview, readPerformance } from './read-stats.ts';
import { recount } from './recount.ts';

type Step = 'client' | 'user' | 'system' | 'resolve';

/** What happens in a chat, and how many seconds after what happened before. */
const story = fc.array(
  fc.record({
    what: fc.constantFrom<Step>('client', 'user', 'client', 'user', 'system', 'resolve'),
    seconds: fc.integer({ min: 1, max: 5000 }),
    chat: fc.nat(1),
  }),
  { minLength: 1, maxLength: 14 },
);
type Story = { readonly what: Step; readonly seconds: number; readonly chat: number }[];

const channelId = newChannelId();

const write = async (act: Act, client: ClientRecord, what: 'client' | 'user' | 'system'): Promise<DomainEvent> => {
  const sender = { type: what, id: 'ana', name: null, address: null, handle: null } as const;
  const received = {
    transport: 'sms',
    channelId,
    sender,
    text: 'Salom',
    media: [],
    providerMessageId: act.newId(),
  } as const;
  const message: MessageRecord =
    what === 'client'
      ? receivedMessage(act, client.id, { ...received, providerTime: null, editOf: null })
      : { ...outboundMessage(act, client.id, { channelId, sender }), id: MessageIdSchema.parse(act.newId()) };
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return messageEvent(act, what === 'client' ? 'MessageReceived' : 'MessageQueued', message);
};

const resolve = (act: Act, client: ClientRecord): DomainEvent => {
  const chat = newChat(act, client);
  return chatEvent(
    act,
    'ChatUpdated',
    { ...chat, status: 'resolved', openSince: chat.createdAt, resolvedAt: chat.createdAt },
    chat,
  );
};

const START = Date.parse('2026-05-04T08:00:00.000Z');

/** Everything of a story is in the table, and nothing is counted yet. */
const tell = async (steps: Story) => {
  let time = START;
  const act = newAct({ now: () => new Date(time), newId: () => uuidv7({ msecs: time }) });
  const clients = [await plantClient(act), await plantClient(act)];
  const events = clients.map((client): DomainEvent => clientEvent(act, 'ClientCreated', client));
  for (const { what, seconds, chat } of steps) {
    time += seconds * 1000;
    const client = clients[chat];
    if (client === undefined) continue;
    events.push(what === 'resolve' ? resolve(act, client) : await write(act, client, what));
  }
  return { act, clients, events };
};

/** How long clients waited for each answer, by reading the story from its beginning. */
const waitsIn = (steps: Story) => {
  const chats: { since: number | undefined; isFirst: boolean }[] = [0, 1].map(() => ({
    since: undefined,
    isFirst: true,
  }));
  const waits: { seconds: number; isFirst: boolean }[] = [];
  let time = 0;
  for (const { what, seconds, chat } of steps) {
    time += seconds;
    const state = chats[chat];
    if (state === undefined) continue;
    if (what === 'client') state.since ??= time;
    if (what === 'resolve') Object.assign(state, { since: undefined, isFirst: true });
    if (what !== 'user') continue;
    if (state.since !== undefined) waits.push({ seconds: time - state.since, isFirst: state.isFirst });
    Object.assign(state, { since: undefined, isFirst: false });
  }
  return waits;
};

const meanOf = (values: readonly number[]) =>
  values.length === 0
    ? null
    : Math.round((1000 * values.reduce((sum, value) => sum + value, 0)) / values.length) / 1000;

const folding = (act: Act) => ({ tenant: act.tenant, newId: () => uuidv7() });
const range = { from: '2026-05-01', to: '2026-05-31' };
const reader = { role: 'admin', userId: UserIdSchema.parse('ana') } as const;

const numbersOf = async ({ tenant }: Act, clients: readonly ClientRecord[]) => {
  const now = new Date(START);
  const [overview, performance, activities] = await Promise.all([
    readOverview(tenant, now),
    readPerformance(tenant, reader, range, now),
    Promise.all(clients.map(({ id }) => readActivity(tenant, id, reader.userId, range, now))),
  ]);
  return { overview, performance, activities };
};

const recounted = async ({ tenant }: Act) => {
  let last;
  for await (const progress of recount(tenant, () => uuidv7())) last = progress;
  return last;
};

describe('what is counted', () => {
  it('is what happened, however often, in which order and by how many at once it is told', async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }), async (steps, dice) => {
        const { act, clients, events } = await tell(steps);
        const rolled = dice.values();
        const roll = (): number => rolled.next().value ?? 0;
        const told = [...events, ...events.filter(() => roll() % 2 === 0)]
          .map((event) => ({ event, at: roll() }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ event }) => event);
        const middle = roll() % (told.length + 1);
        await Promise.all([
          foldEvents(folding(act), told.slice(0, middle)),
          foldEvents(folding(act), told.slice(middle)),
        ]);
        const { overview, performance, activities } = await numbersOf(act, clients);
        const countOf = (...kinds: Step[]): number => steps.filter(({ what }) => kinds.includes(what)).length;
        expect(overview.messages).toMatchObject({ inbound: countOf('client'), outbound: countOf('user', 'system') });
        const waits = waitsIn(steps);
        const { response, firstResponse, resolved } = performance.total;
        expect(resolved).toBe(countOf('resolve'));
        expect([response.elapsed.count, response.elapsed.meanSeconds]).toEqual([
          waits.length,
          meanOf(waits.map(({ seconds }) => seconds)),
        ]);
        const firsts = waits.filter(({ isFirst }) => isFirst).map(({ seconds }) => seconds);
        expect([firstResponse.elapsed.count, firstResponse.elapsed.meanSeconds]).toEqual([
          firsts.length,
          meanOf(firsts),
        ]);
        expect(activities.reduce((sum, { inbound, outbound }) => sum + inbound + outbound, 0)).toBe(
          countOf('client', 'user', 'system'),
        );
        expect(await recounted(act)).toMatchObject({ pass: 'done', late: 0, mended: 0 });
        expect(await numbersOf(act, clients)).toEqual({ overview, performance, activities });
      }),
      { numRuns: 5 },
    );
  }, 60_000);
});
