import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { openOwnTable } from '../../test/support/own-table.ts';
import { beginStory, clock, endings, START, storyOf, type StoryStep } from '../../test/support/stats-story.ts';
import { ClientIdSchema, UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { businessTime, type Clock } from '../domain/business-time.ts';
import { Failure } from '../domain/failure.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { settingsEvent } from '../domain/occurrence.ts';
import { queryAll } from '../table/client.ts';
import { getSettings, saveSettings } from '../table/settings.ts';
import { clockKey, statsHeadKey } from '../table/stats-keys.ts';
import { clockName, keepClock } from '../table/stats-clocks.ts';
import { foldEvents } from './fold-stats.ts';
import { writeHistoryOf } from './history.ts';
import { readActivity, readDashboard, readOverview, readPerformance } from './read-stats.ts';
import { recount } from './recount.ts';

// Counting anew reads the whole table.
beforeAll(openOwnTable);

interface Span {
  readonly from: number;
  readonly to: number;
  readonly isFirst: boolean;
}

/** What is to be told of a story, by reading it from its beginning. */
const readStory = (steps: readonly StoryStep[]) => {
  const chats = [0, 1, 2].map(() => ({ since: -1, isFirst: true, openSince: START, isResolved: false, last: -1 }));
  const seen = { inbound: 0, outbound: 0, resolved: 0, reopened: 0 };
  const waits: Span[] = [];
  const resolutions: Span[] = [];
  const states: string[] = [];
  let time = START;
  for (const { what, seconds, chat, report } of steps) {
    time += seconds * 1000;
    const state = chats[chat];
    if (state === undefined) continue;
    if (what === 'client') {
      seen.inbound += 1;
      if (state.isResolved) {
        seen.reopened += 1;
        Object.assign(state, { isResolved: false, openSince: time });
      }
      if (state.since < 0) state.since = time;
    }
    if (what === 'user' || what === 'system') {
      seen.outbound += 1;
      state.last = states.push('queued') - 1;
    }
    if (what === 'user') {
      if (state.since >= 0) waits.push({ from: state.since, to: time, isFirst: state.isFirst });
      Object.assign(state, { since: -1, isFirst: false });
    }
    if (what === 'report' && state.last >= 0) states[state.last] = report;
    if (what === 'resolve' && !state.isResolved) {
      seen.resolved += 1;
      resolutions.push({ from: state.openSince, to: time, isFirst: true });
      Object.assign(state, { since: -1, isFirst: true, isResolved: true });
    }
  }
  const delivered = states.filter((status) => status === 'delivered' || status === 'read').length;
  const failed = states.filter((status) => status === 'failed').length;
  const sent = delivered + states.filter((status) => status === 'sent').length;
  return { ...seen, waits, resolutions, delivery: { sent, delivered, failed } };
};

const at = (time: number): string => new Date(time).toISOString();

/** How many there are, and their mean, by both clocks. */
const durationsOf = (spans: readonly Span[]) => {
  const told = (long: (span: Span) => number) => ({
    count: spans.length,
    meanSeconds:
      spans.length === 0 ? null : Math.round(spans.reduce((sum, span) => sum + long(span), 0) / spans.length) / 1000,
  });
  return {
    elapsed: told(({ from, to }) => to - from),
    businessHours: told(({ from, to }) => businessTime(at(from), at(to), clock)),
  };
};

const folding = (act: Act) => ({ tenant: act.tenant, newId: () => uuidv7() });
const range = { from: '2026-03-29', to: '2026-04-05' };
const reader = { role: 'admin', userId: UserIdSchema.parse('ana') } as const;

/** What was written with a client, where it is one still. */
const activityOf = (act: Act, id: ClientId) =>
  readActivity(act.tenant, id, reader.userId, range, new Date(START)).catch((error: unknown) => {
    if (error instanceof Failure) return error.code;
    throw error;
  });

const numbersOf = async (act: Act, ids: readonly ClientId[]) => {
  const now = new Date(START);
  const [overview, dashboard, performance, activities] = await Promise.all([
    readOverview(act.tenant, now),
    readDashboard(act.tenant, range, now),
    readPerformance(act.tenant, reader, range, now),
    Promise.all(ids.map((id) => activityOf(act, id))),
  ]);
  return { overview, dashboard, performance, activities };
};

const recounted = async ({ tenant }: Act) => {
  let last;
  for await (const progress of recount(tenant, () => uuidv7())) last = progress;
  return last;
};

const setClock = async (act: Act, now: Clock): Promise<void> => {
  const before = await getSettings(act.tenant);
  const after = { ...before, ...now, version: before.version + 1, revision: before.revision + 1 };
  await saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
};

/** A queue's batch. */
const BATCH = 10;

/** All of these in the order of the dice, in batches, by two who work at once. */
const tell = async (act: Act, events: readonly DomainEvent[], roll: () => number): Promise<void> => {
  const told = events
    .map((event) => ({ event, place: roll() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ event }) => event);
  const batches = Array.from({ length: Math.ceil(told.length / BATCH) }, (_, index) =>
    told.slice(index * BATCH, (index + 1) * BATCH),
  ).values();
  const work = async (): Promise<void> => {
    for (const batch of batches) await foldEvents(folding(act), batch);
  };
  await Promise.all([work(), work()]);
};

const ending = fc.constantFrom('stayed', 'deleted', 'erased', 'merged', 'forgotten');

describe('what is counted', () => {
  it('is what happened, in whatever order and however often it is told, and is found again whatever became of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        storyOf(16),
        fc.tuple(ending, ending, ending),
        fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
        async (steps, became, dice) => {
          let rolled = 0;
          const roll = (): number => dice[(rolled += 1) % dice.length] ?? 0;
          const forgets = became.includes('forgotten');
          const { act, ids, take, beginning } = await beginStory({ messages: forgets ? 30 : null });
          const events = [...beginning];
          for (const step of steps) {
            events.push(...(await take(step)));
            // What is told while it happens; some of it twice, some late.
            const early = events[roll() % events.length];
            if (early !== undefined && roll() % 2 === 0) await foldEvents(folding(act), [early]);
          }
          await tell(act, [...events, ...events.filter(() => roll() % 3 === 0)], roll);
          const expected = readStory(steps);
          const before = await numbersOf(act, ids);
          const { messages, clients } = before.overview;
          expect([clients, messages.inbound, messages.outbound]).toEqual([3, expected.inbound, expected.outbound]);
          const { total } = before.performance;
          expect(total.delivery).toMatchObject(expected.delivery);
          expect(total.response).toMatchObject(durationsOf(expected.waits));
          expect(total.firstResponse).toMatchObject(durationsOf(expected.waits.filter(({ isFirst }) => isFirst)));
          expect(total.resolution).toMatchObject(durationsOf(expected.resolutions));
          const sumOf = (field: 'opened' | 'resolved' | 'reopened'): number =>
            before.dashboard.days.reduce((sum, day) => sum + day[field], 0);
          const turns = [sumOf('opened'), sumOf('resolved'), sumOf('reopened')];
          expect(turns).toEqual([3, expected.resolved, expected.reopened]);

          const later: DomainEvent[] = [];
          for (const [index, id] of ids.entries())
            later.push(
              ...(await endings[became[index] ?? 'stayed'](act, id, ClientIdSchema.parse(ids[(index + 1) % 3]))),
            );
          await tell(act, [...later, ...events.filter(() => roll() % 4 === 0), ...later], roll);
          const after = await numbersOf(act, ids);
          // What was counted stays; clients and chats are those that are there.
          expect(after.overview.messages).toEqual(before.overview.messages);
          expect(after.dashboard).toEqual(before.dashboard);
          expect(after.performance).toEqual(before.performance);
          const there = became.filter((each) => each === 'stayed' || each === 'forgotten').length;
          const { open, resolved } = after.overview.chats;
          expect([after.overview.clients, open + resolved]).toEqual([there, there]);
          expect(await recounted(act)).toMatchObject({ pass: 'done', late: 0, mended: 0 });
          expect(await numbersOf(act, ids)).toEqual(after);
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
  }, 120_000);

  const steps: readonly StoryStep[] = (['client', 'user', 'resolve', 'client', 'user', 'report'] as const).map(
    (what) => ({
      what,
      seconds: 60,
      chat: 0,
      report: 'delivered',
    }),
  );
  const tellStory = async () => {
    const { act, ids, take, beginning } = await beginStory({ messages: null });
    const events = [...beginning];
    for (const step of steps) events.push(...(await take(step)));
    const isTurn = ({ type }: DomainEvent): boolean => type === 'ChatUpdated';
    const [turns, others] = [events.filter(isTurn), events.filter((event) => !isTurn(event))];
    await foldEvents(folding(act), others);
    const totals = async () => (await numbersOf(act, ids)).performance.total;
    expect((await totals()).firstResponse.elapsed.count).toBe(1);
    return { act, turns, others, totals };
  };

  it('is judged again where it is told late that the chat was resolved before an answer', async () => {
    const { act, turns, others, totals } = await tellStory();
    await foldEvents(folding(act), [...turns, ...others.slice(-1)]);
    expect(await totals()).toMatchObject({ firstResponse: { elapsed: { count: 2 } }, resolved: 1 });
  });

  it('is found in the history of the client where an event never came through', async () => {
    const { act, turns, totals } = await tellStory();
    await writeHistoryOf(act.tenant, turns);
    // Two turns, and the answer that was not known to be a first one.
    expect(await recounted(act)).toMatchObject({ late: 3 });
    const resolution = { elapsed: { count: 1, meanSeconds: 180 } };
    expect(await totals()).toMatchObject({ firstResponse: { elapsed: { count: 2 } }, resolved: 1, resolution });
    expect(await recounted(act)).toMatchObject({ late: 0, mended: 0 });
  });

  it('stays by the clock of its first counting; each clock is an item of its own, however often settings change', async () => {
    const { act, turns, totals } = await tellStory();
    await foldEvents(folding(act), turns);
    const told = async () => [await totals(), (await numbersOf(act, [])).dashboard.busiestHours];
    const before = await told();
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await setClock(act, { timeZone, businessHours: null });
      expect(await recounted(act)).toMatchObject({ late: 0, mended: 0 });
      expect(await told()).toEqual(before);
    }
    const items = await queryAll(act.tenant, {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': statsHeadKey(act.tenant).pk },
    });
    const [head = {}, ...clocks] = items.toSorted((one, other) => String(other.sk).localeCompare(String(one.sk)));
    expect(Object.keys(head).toSorted()).toEqual(['building', 'generation', 'pk', 'sk']);
    expect(clocks).toHaveLength(3);
    expect(clocks).toContainEqual({ ...clockKey(act.tenant, clockName(clock)), ...clock });
    await Promise.all([keepClock(act.tenant, clock), keepClock(act.tenant, clock)]);
  });
});
