import type { ClientActivity, Dashboard, Durations, Overview, Performance } from '../contract/stats.ts';
import { writeRows } from './csv.ts';

type Cell = string | number | null | undefined;

const sheet = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  writeRows([head, ...rows.map((row) => row.map((cell) => String(cell ?? '')))], ',');

/** A row for each number. */
export const overviewSheet = ({ clients, chats, interactions, messages }: Overview): string =>
  sheet(
    ['what', 'transport', 'channelId', 'count'],
    [
      ['clients', '', '', clients],
      ...Object.entries(chats).map(([name, value]) => [`chats.${name}`, '', '', value]),
      ['interactions.open', '', '', interactions.open],
      ['interactions.overdue', '', '', interactions.overdue],
      ['messages.inbound', '', '', messages.inbound],
      ['messages.outbound', '', '', messages.outbound],
      ...messages.channels.flatMap(({ transport, channelId, byStatus }) =>
        Object.entries(byStatus).map(([status, value]) => [`messages.${status}`, transport, channelId, value]),
      ),
    ],
  );

/** A row for each day and channel. */
export const dashboardSheet = ({ series }: Dashboard): string =>
  sheet(
    ['date', 'transport', 'channelId', 'inbound', 'outbound', 'delivered', 'failed'],
    series.map((row) => [row.date, row.transport, row.channelId, row.inbound, row.outbound, row.delivered, row.failed]),
  );

const durationNames = ['firstResponse', 'response', 'resolution'] as const;
const measures = ['count', 'meanSeconds', 'p50Seconds', 'p90Seconds'] as const;
const clocks = ['elapsed', 'businessHours'] as const;

type Both = Readonly<Record<(typeof clocks)[number], Durations>>;
interface Measured {
  readonly firstResponse: Both;
  readonly response: Both;
  readonly resolution?: Both;
  readonly delivery: Performance['total']['delivery'];
}

const measuredCells = (measured: Measured): Cell[] => [
  measured.delivery.sent,
  measured.delivery.delivered,
  measured.delivery.failed,
  measured.delivery.rate,
  ...durationNames.flatMap((name) =>
    clocks.flatMap((clock) => measures.map((measure) => measured[name]?.[clock][measure])),
  ),
];

/** A row for all, for each channel and for each user. */
export const performanceSheet = ({ total, channels, agents }: Performance): string =>
  sheet(
    [
      ...['of', 'id', 'name', 'sent', 'delivered', 'failed', 'deliveryRate'],
      ...durationNames.flatMap((name) =>
        clocks.flatMap((clock) => measures.map((measure) => `${name}.${clock}.${measure}`)),
      ),
    ],
    [
      ['total', '', '', ...measuredCells(total)],
      ...channels.map((channel) => ['channel', channel.channelId, channel.transport, ...measuredCells(channel)]),
      ...agents.map((agent) => ['user', agent.userId, agent.name, ...measuredCells(agent)]),
    ],
  );

/** A row for each day and transport. */
export const activitySheet = ({ days }: ClientActivity): string =>
  sheet(
    ['date', 'transport', 'inbound', 'outbound'],
    days.map(({ date, transport, inbound, outbound }) => [date, transport, inbound, outbound]),
  );
