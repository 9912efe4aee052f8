import * as z from 'zod';
import { MessageStatusSchema } from './messages.ts';
import { route } from './route.ts';
import { TimeZoneSchema } from './settings.ts';
import {
  ChannelIdSchema,
  ClientIdSchema,
  InstantSchema,
  TemplateIdSchema,
  TransportSchema,
  UserIdSchema,
} from './vocabulary.ts';

const DateSchema = z.iso.date().meta({ example: '2026-01-31' });
const count = z.int().min(0);

const format = z
  .enum(['json', 'csv'])
  .optional()
  .meta({ description: 'csv: a table for a spreadsheet, as Accept: text/csv asks for too' });
const FormatQuerySchema = z.strictObject({ format });

/** So many days are told of at once. */
export const MOST_DAYS = 366;
/** The same, where each day has histograms for each channel and user. */
export const MOST_PERFORMANCE_DAYS = 92;

const rangeQuery = (mostDays: number) =>
  z.strictObject({
    from: DateSchema.optional().meta({ description: "By the tenant's clock. Unless said: 29 days before `to`" }),
    to: DateSchema.optional().meta({ description: `Included. Unless said: today; ${mostDays} days at most` }),
    format,
  });
const RangeQuerySchema = rangeQuery(MOST_DAYS);
export type RangeQuery = z.infer<typeof RangeQuerySchema>;

const range = { from: DateSchema, to: DateSchema, timeZone: TimeZoneSchema };

/** The ways by which messages travel, told apart by channel. */
const channel = { transport: TransportSchema, channelId: ChannelIdSchema.nullable() };

const ByStatusSchema = z
  .partialRecord(MessageStatusSchema, count)
  .meta({ description: 'Those that there are none of are left out' });

export const OverviewSchema = z
  .object({
    at: InstantSchema,
    clients: count,
    chats: z.object({ open: count, resolved: count, snoozed: count, unread: count }),
    interactions: z
      .object({ open: count, overdue: count, isMore: z.boolean() })
      .meta({ description: 'Up to 1,000 of each are counted; isMore: there are more than that' }),
    messages: z.object({
      inbound: count,
      outbound: count,
      byStatus: ByStatusSchema,
      channels: z.array(z.object({ ...channel, inbound: count, outbound: count, byStatus: ByStatusSchema })),
    }),
  })
  .meta({ id: 'StatsOverview' });
export type Overview = z.infer<typeof OverviewSchema>;

export const DashboardSchema = z
  .object({
    ...range,
    series: z
      .array(
        z.object({ date: DateSchema, ...channel, inbound: count, outbound: count, failed: count, delivered: count }),
      )
      .meta({ description: 'One for each day and channel on which something was written' }),
    days: z
      .array(
        z.object({
          date: DateSchema,
          clients: count,
          opened: count,
          resolved: count,
          reopened: count,
          interactionsCompleted: count,
        }),
      )
      .meta({ description: 'Every day of the range: new clients, chats, completed interactions' }),
    busiestHours: z
      .array(
        z.object({
          weekday: z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
          hour: z.int().min(0).max(23),
          inbound: count,
          outbound: count,
        }),
      )
      .meta({ description: 'The hours of the week in which anything was written, the busiest first' }),
    topTags: z
      .array(z.object({ tag: z.string(), count }))
      .meta({ description: 'Of the first 1,000 tags by name those that most clients have now' }),
    topTemplates: z.array(
      z.object({ templateId: TemplateIdSchema, template: z.string().nullable(), count }).meta({
        description: 'template: its text; null where it is removed',
      }),
    ),
    interactions: OverviewSchema.shape.interactions,
  })
  .meta({ id: 'StatsDashboard' });
export type Dashboard = z.infer<typeof DashboardSchema>;

const seconds = z.number().min(0).nullable();

/** Percentiles are told within 5 %, the mean exactly. */
export const DurationsSchema = z
  .object({ count, meanSeconds: seconds, p50Seconds: seconds, p90Seconds: seconds })
  .meta({ id: 'Durations' });
export type Durations = z.infer<typeof DurationsSchema>;

const BothDurationsSchema = z
  .object({ elapsed: DurationsSchema, businessHours: DurationsSchema })
  .meta({ id: 'DurationsByClock', description: 'As time passes, and as much of it as was within business hours' });

const messaging = {
  firstResponse: BothDurationsSchema.meta({
    description: 'Until the first answer after a chat was opened, or opened again',
  }),
  response: BothDurationsSchema.meta({ description: 'Until a user wrote, since the client wrote unanswered' }),
  delivery: z.object({ sent: count, delivered: count, failed: count, rate: z.number().min(0).max(1).nullable() }).meta({
    description:
      'Of what users and systems wrote: accepted by the provider, delivered or read, failed; rate: delivered among all that were accepted or failed',
  }),
};
const chats = { resolved: count, resolution: BothDurationsSchema };

export const PerformanceSchema = z
  .object({
    ...range,
    total: z.object({ ...messaging, ...chats }),
    channels: z.array(z.object({ ...channel, ...messaging })),
    agents: z.array(
      z.object({
        userId: UserIdSchema,
        name: z.string().nullable(),
        ...messaging,
        ...chats,
        interactionsCompleted: count,
      }),
    ),
  })
  .meta({ id: 'StatsPerformance' });
export type Performance = z.infer<typeof PerformanceSchema>;

export const ClientActivitySchema = z
  .object({
    clientId: ClientIdSchema,
    ...range,
    days: z.array(z.object({ date: DateSchema, transport: TransportSchema, inbound: count, outbound: count })),
    inbound: count,
    outbound: count,
    lastContactAt: InstantSchema.nullable(),
    response: BothDurationsSchema,
    firstResponse: BothDurationsSchema,
    notes: count.meta({ description: 'Those that the caller may see; up to 1,000 of each kind are counted' }),
    interactions: count.meta({ description: 'Up to 1,000 are counted' }),
  })
  .meta({ id: 'ClientActivity' });
export type ClientActivity = z.infer<typeof ClientActivitySchema>;

const tag = 'Statistics';

export const getStats = route({
  id: 'getStats',
  method: 'GET',
  path: '/crm/stats',
  tag,
  summary: 'Tells how many clients, chats and messages there are',
  permission: 'Stats.ReadAll',
  query: FormatQuerySchema,
  result: OverviewSchema,
});

export const getDashboard = route({
  id: 'getDashboard',
  method: 'GET',
  path: '/crm/stats/dashboard',
  tag,
  summary: 'Tells what happened on each day and channel, and when most',
  permission: 'Stats.ReadAll',
  query: RangeQuerySchema,
  result: DashboardSchema,
  problems: ['stats.range'],
});

export const getPerformance = route({
  id: 'getPerformance',
  method: 'GET',
  path: '/crm/stats/performance',
  tag,
  summary: 'Tells how soon clients are answered and chats resolved, by channel and user; agents see their own',
  permission: 'Stats.Read',
  query: rangeQuery(MOST_PERFORMANCE_DAYS),
  result: PerformanceSchema,
  problems: ['stats.range'],
});

export const getClientActivity = route({
  id: 'getClientActivity',
  method: 'GET',
  path: '/crm/stats/clients/{clientId}/activity',
  tag,
  summary: 'Tells what was written with a client, and how soon it was answered',
  permission: 'Stats.Read',
  params: z.strictObject({ clientId: ClientIdSchema }),
  query: RangeQuerySchema,
  result: ClientActivitySchema,
  problems: ['resource.not-found', 'stats.range'],
});
