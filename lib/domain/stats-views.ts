import type { ClientActivity, Dashboard, Overview, Performance } from '../contract/stats.ts';
import { TemplateIdSchema, TransportSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { daysAfter, daysIn, weekdayOf, weekdays } from './business-time.ts';
import {
  bothDurations,
  channelOf,
  chatsOf,
  deliveredIn,
  failedIn,
  fieldOf,
  fieldsUnder,
  messagesIn,
  messagingOf,
  sumOf,
  sumsBy,
} from './stats-report.ts';

interface Part {
  readonly day: string;
  readonly about: string;
  readonly fields: ReadonlyMap<string, number>;
}

export interface Range {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

const MESSAGE_FIELD = /^message:(.+):(\w+)$/;

/** What there is now. */
export const overviewOf = (parts: readonly Part[]): Omit<Overview, 'at' | 'interactions'> => {
  const all = sumOf(parts);
  const states = [...all].flatMap(([field, value]) => {
    const [, channel, status] = MESSAGE_FIELD.exec(field) ?? [];
    return channel === undefined || status === undefined || value === 0
      ? []
      : [{ channel, fields: new Map([[status, value]]) }];
  });
  const chats = (name: string): number => fieldOf(all, `chats:${name}`);
  return {
    clients: fieldOf(all, 'clients'),
    chats: { open: chats('open'), resolved: chats('resolved'), snoozed: chats('snoozed'), unread: chats('unread') },
    messages: {
      ...messagesIn(sumOf(states)),
      channels: [...sumsBy(states, ({ channel }) => channel)].map(([name, fields]) => ({
        ...channelOf(name),
        ...messagesIn(fields),
      })),
    },
  };
};

const hoursOf = (parts: readonly Part[]): Dashboard['busiestHours'] => {
  const hours = parts.flatMap(({ day, fields }) =>
    [...fields].flatMap(([field, value]) => {
      const [, direction, hour] = /^(inbound|outbound):(\d+)$/.exec(field) ?? [];
      if (direction === undefined || hour === undefined || value === 0) return [];
      return [
        {
          name: `${weekdayOf(day)} ${hour.padStart(2, '0')}`,
          weekday: weekdayOf(day),
          hour,
          fields: new Map([[direction, value]]),
        },
      ];
    }),
  );
  return [...Map.groupBy(hours, ({ name }) => name).values()]
    .flatMap((group) => {
      const [first] = group;
      const sums = sumOf(group);
      return first === undefined
        ? []
        : [
            {
              weekday: first.weekday,
              hour: Number(first.hour),
              inbound: fieldOf(sums, 'inbound'),
              outbound: fieldOf(sums, 'outbound'),
            },
          ];
    })
    .toSorted(
      (one, other) =>
        other.inbound + other.outbound - one.inbound - one.outbound ||
        weekdays.indexOf(one.weekday) - weekdays.indexOf(other.weekday) ||
        one.hour - other.hour,
    );
};

const TOP = 10;

export const topOf = <Item extends { readonly count: number }>(items: readonly Item[]): Item[] =>
  items
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count)
    .slice(0, TOP);

export const topTemplatesOf = (parts: readonly Part[]) =>
  topOf(
    [...sumsBy(parts, ({ about }) => about)].map(([id, fields]) => ({
      templateId: TemplateIdSchema.parse(id),
      count: fieldOf(fields, 'sent'),
    })),
  );

/** What happened on each day, and when most. */
export const dashboardOf = (
  { from, to, timeZone }: Range,
  channels: readonly Part[],
  days: readonly Part[],
): Omit<Dashboard, 'topTags' | 'topTemplates' | 'interactions'> => {
  const byDay = sumsBy(days, ({ day }) => day);
  return {
    from,
    to,
    timeZone,
    series: [...sumsBy(channels, ({ day, about }) => `${day} ${about}`)].flatMap(([name, fields]) => {
      const [date = '', channel = ''] = name.split(' ');
      const [inbound, outbound] = [fieldsUnder(fields, 'inbound:'), fieldsUnder(fields, 'outbound:')];
      return inbound + outbound === 0
        ? []
        : [
            {
              date,
              ...channelOf(channel),
              inbound,
              outbound,
              failed: failedIn(fields),
              delivered: deliveredIn(fields),
            },
          ];
    }),
    days: Array.from({ length: daysIn(from, to) }, (_, at) => {
      const date = daysAfter(from, at);
      const of = (field: string): number => fieldOf(byDay.get(date) ?? new Map(), field);
      return {
        date,
        clients: of('clients'),
        opened: of('opened'),
        resolved: of('resolved'),
        reopened: of('reopened'),
        interactionsCompleted: of('interactions'),
      };
    }),
    busiestHours: hoursOf(channels),
  };
};

interface Measured {
  /** What all messages and all chats are summed up from. */
  readonly messages: readonly Part[];
  readonly chats: readonly Part[];
  readonly channels: readonly Part[];
  readonly agents: readonly Part[];
}

/** How soon clients are answered. @param nameOf how a user is called */
export const performanceOf = (
  { from, to, timeZone }: Range,
  { messages, chats, channels, agents }: Measured,
  nameOf: (userId: string) => string | null,
): Performance => ({
  from,
  to,
  timeZone,
  total: { ...messagingOf(sumOf(messages)), ...chatsOf(sumOf(chats)) },
  channels: [...sumsBy(channels, ({ about }) => about)].map(([name, fields]) => ({
    ...channelOf(name),
    ...messagingOf(fields),
  })),
  agents: [...sumsBy(agents, ({ about }) => about)].map(([id, fields]) => ({
    userId: UserIdSchema.parse(id),
    name: nameOf(id),
    ...messagingOf(fields),
    ...chatsOf(fields),
    interactionsCompleted: fieldOf(fields, 'interactions'),
  })),
});

/** What was written with a client, whichever of its collections it stands in. */
export const activityOf = (
  parts: readonly Part[],
): Pick<ClientActivity, 'days' | 'inbound' | 'outbound' | 'response' | 'firstResponse'> => {
  const all = sumOf(parts);
  const days = parts.flatMap(({ day, fields }) =>
    TransportSchema.options.map((transport) => ({
      name: `${day} ${transport}`,
      fields: new Map([
        ['inbound', fieldOf(fields, `inbound:${transport}`)],
        ['outbound', fieldOf(fields, `outbound:${transport}`)],
      ]),
    })),
  );
  return {
    days: [...sumsBy(days, ({ name }) => name)].flatMap(([name, fields]) => {
      const [date = '', transport] = name.split(' ');
      const [inbound, outbound] = [fieldOf(fields, 'inbound'), fieldOf(fields, 'outbound')];
      return inbound + outbound === 0 ? [] : [{ date, transport: TransportSchema.parse(transport), inbound, outbound }];
    }),
    inbound: fieldsUnder(all, 'inbound:'),
    outbound: fieldsUnder(all, 'outbound:'),
    response: bothDurations(all, 'response'),
    firstResponse: bothDurations(all, 'first'),
  };
};
