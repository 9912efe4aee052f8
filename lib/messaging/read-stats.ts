import * as z from 'zod';
import {
  MOST_DAYS,
  MOST_PERFORMANCE_DAYS,
  type ClientActivity,
  type Dashboard,
  type Overview,
  type Performance,
  type RangeQuery,
} from '../contract/stats.ts';
import type { ClientId, Role, TenantId, UserId } from '../contract/vocabulary.ts';
import { instant } from '../domain/act.ts';
import { daysAfter, daysIn, today } from '../domain/business-time.ts';
import { ChatRecordSchema } from '../domain/chat.ts';
import { Failure } from '../domain/failure.ts';
import {
  activityOf,
  dashboardOf,
  overviewOf,
  performanceOf,
  topOf,
  topTemplatesOf,
  type Range,
} from '../domain/stats-views.ts';
import type { Series } from '../domain/stats-fact.ts';
import { shownName } from '../domain/user.ts';
import { listTags } from '../table/client-tags.ts';
import { getClient } from '../table/clients.ts';
import { chatKey, INTERACTION, NOTE, privateNotesOf, templateKey } from '../table/keys.ts';
import { readTogether } from '../table/read-together.ts';
import { knownSettings } from '../table/settings.ts';
import { countDue, countUnder, listActivity, listCounters, listCountersOf } from '../table/stats-counters.ts';
import { getStatsHead } from '../table/stats.ts';
import { findUsers, knownUser } from '../table/users.ts';

const USUAL_DAYS = 30;
const FIRST_DAY = '1970-01-01';

/** Which days are asked for, by the tenant's clock. @throws Failure `stats.range` */
const rangeOf = async (tenant: TenantId, query: RangeQuery, now: Date, mostDays = MOST_DAYS): Promise<Range> => {
  const { timeZone } = await knownSettings(tenant);
  const to = query.to ?? today(now, timeZone);
  const from = query.from ?? daysAfter(to, 1 - USUAL_DAYS);
  if (from < FIRST_DAY) throw new Failure('stats.range', `Nothing was counted before ${FIRST_DAY}.`);
  if (from > to) throw new Failure('stats.range', 'The last day may not come before the first.');
  if (daysIn(from, to) > mostDays) throw new Failure('stats.range', `No more than ${mostDays} days are told at once.`);
  return { from, to, timeZone };
};

/** What is there now? One read, two queries, and a read for each hundred clients with whom something is planned. */
export const readOverview = async (tenant: TenantId, now: Date): Promise<Overview> => {
  const { generation } = await getStatsHead(tenant);
  const [parts, interactions] = await Promise.all([
    listCounters(tenant, generation, 'TOTAL', { from: '#', to: '#' }),
    countDue(tenant, instant(now)),
  ]);
  return { at: instant(now), ...overviewOf(parts), interactions };
};

const seriesOf = async (tenant: TenantId, range: Range, names: readonly Series[]) => {
  const { generation } = await getStatsHead(tenant);
  return Promise.all(names.map((name) => listCounters(tenant, generation, name, range)));
};

const TAGS = 1_000;
const TemplateTextSchema = z.object({ template: z.string() });

/**
 * What happened on these days? One read, and five queries side by side; a read for each hundred clients with whom something is
 * planned, and one for the texts of templates.
 */
export const readDashboard = async (tenant: TenantId, query: RangeQuery, now: Date): Promise<Dashboard> => {
  const range = await rangeOf(tenant, query, now);
  const [[channels = [], days = [], templates = []], tags, interactions] = await Promise.all([
    seriesOf(tenant, range, ['CHANNEL', 'DAY', 'TEMPLATE']),
    listTags(tenant, { limit: TAGS }),
    countDue(tenant, instant(now)),
  ]);
  const top = topTemplatesOf(templates);
  const keys = top.map(({ templateId }) => templateKey(tenant, templateId));
  const templateAt = keys.length === 0 ? () => undefined : await readTogether(tenant, keys);
  return {
    ...dashboardOf(range, channels, days),
    topTags: topOf(tags.items),
    topTemplates: top.map(({ templateId, count }) => {
      const known = TemplateTextSchema.optional().parse(templateAt(templateKey(tenant, templateId)));
      return { templateId, count, template: known?.template ?? null };
    }),
    interactions,
  };
};

interface Reader {
  readonly role: Role;
  readonly userId: UserId;
}

/** How soon did an agent answer? One read, and one for each 25 days. */
const ownPerformance = async (tenant: TenantId, userId: UserId, range: Range): Promise<Performance> => {
  const [{ generation }, user] = await Promise.all([getStatsHead(tenant), knownUser(tenant, userId)]);
  const days = Array.from({ length: daysIn(range.from, range.to) }, (_, at) => daysAfter(range.from, at));
  const own = await listCountersOf(tenant, generation, userId, days);
  const name = user === undefined ? null : shownName(user);
  return performanceOf(range, { messages: own, chats: own, channels: [], agents: own }, () => name);
};

/**
 * How soon were clients answered on these days? One read and four queries. Agents are told of themselves alone, by reading
 * nothing else.
 *
 * @throws Failure `stats.range`
 */
export const readPerformance = async (
  tenant: TenantId,
  { role, userId }: Reader,
  query: RangeQuery,
  now: Date,
): Promise<Performance> => {
  const range = await rangeOf(tenant, query, now, MOST_PERFORMANCE_DAYS);
  if (role === 'agent') return ownPerformance(tenant, userId, range);
  const [[channels = [], days = [], agents = []], users] = await Promise.all([
    seriesOf(tenant, range, ['CHANNEL', 'DAY', 'AGENT']),
    findUsers(tenant),
  ]);
  const nameOf = (id: string): string | null => {
    const user = users.find((each) => each.id === id);
    return user === undefined ? null : shownName(user);
  };
  return performanceOf(range, { messages: channels, chats: days, channels, agents }, nameOf);
};

/**
 * What was written with a client on these days? Three reads and four queries; four more for each client that was merged
 * into it. Of private notes only the reader's own are counted.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const readActivity = async (
  tenant: TenantId,
  id: ClientId,
  reader: UserId,
  query: RangeQuery,
  now: Date,
): Promise<ClientActivity> => {
  const [range, client, { generation }, chatAt] = await Promise.all([
    rangeOf(tenant, query, now),
    getClient(tenant, id),
    getStatsHead(tenant),
    readTogether(tenant, [chatKey(tenant, id)]),
  ]);
  const homes = [id, ...client.absorbed];
  const sum = (prefixes: readonly string[]): Promise<number> =>
    Promise.all(homes.flatMap((home) => prefixes.map((prefix) => countUnder(tenant, home, prefix)))).then((counts) =>
      counts.reduce((all, count) => all + count, 0),
    );
  const [parts, notes, interactions] = await Promise.all([
    Promise.all(homes.map((home) => listActivity(tenant, home, generation, range))),
    sum([NOTE, privateNotesOf(reader)]),
    sum([INTERACTION]),
  ]);
  const chat = ChatRecordSchema.optional().parse(chatAt(chatKey(tenant, id)));
  return {
    clientId: id,
    ...range,
    ...activityOf(parts.flat()),
    lastContactAt: chat?.lastMessageAt ?? null,
    notes,
    interactions,
  };
};
