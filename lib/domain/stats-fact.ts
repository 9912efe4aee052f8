import * as z from 'zod';
import { MessageStatusSchema } from '../contract/messages.ts';
import { ChatStatusSchema } from '../contract/chats.ts';
import { TransportSchema, type ClientId } from '../contract/vocabulary.ts';
import { bucketOf } from './histogram.ts';

const DurationSchema = z.object({
  milliseconds: z.int(),
  /** As much of it as people were at work. */
  business: z.int(),
});

const day = z.string();
const agent = z.string().nullable();

/**
 * What statistics know of one thing. It tells nothing of a person: what was counted stays counted when its client is
 * erased. Days and hours are by the tenant's clock when it was first counted, which is kept beside (`clock`).
 */
export const FactSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('message'),
    clock: z.string(),
    day,
    hour: z.int(),
    direction: z.enum(['inbound', 'outbound']),
    transport: TransportSchema,
    channelId: z.string().nullable(),
    status: MessageStatusSchema,
    agent,
    templateId: z.string().nullable(),
    /** How long the client had waited for this message; `null`: it answers nothing. */
    response: DurationSchema.extend({ isFirst: z.boolean() }).nullable(),
  }),
  z.object({ kind: z.literal('chat'), clock: z.string(), status: ChatStatusSchema, isUnread: z.boolean() }),
  z.object({ kind: z.literal('client'), clock: z.string(), day, isActive: z.boolean() }),
  z.object({ kind: z.literal('interaction'), clock: z.string(), day, agent }),
  z.object({
    kind: z.literal('turn'),
    clock: z.string(),
    day,
    turn: z.enum(['opened', 'resolved', 'reopened', 'snoozed']),
    agent,
    resolution: DurationSchema.nullable(),
  }),
]);
export type Fact = z.infer<typeof FactSchema>;
type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

/** A number that is counted: which item it stands in, and which of its fields it is. */
export interface Count {
  readonly series: Series;
  readonly day: string;
  /** Which channel, agent or template it is about. */
  readonly about: string;
  readonly field: string;
  readonly by: number;
}
/** What is counted of a whole tenant. */
export const COUNTER_SERIES = ['TOTAL', 'DAY', 'CHANNEL', 'AGENT', 'TEMPLATE'] as const;
export type Series = (typeof COUNTER_SERIES)[number] | 'CLIENT';

/** How a channel is called among the counters; what came by no channel of ours is told by its transport. */
const channelName = ({ transport, channelId }: { transport: string; channelId: string | null }): string =>
  `${transport}:${channelId ?? ''}`;

/** Durations are counted in the buckets of a histogram, beside how long all took together. */
const duration = (name: string, { milliseconds, business }: z.infer<typeof DurationSchema>) => [
  { field: `${name}:${bucketOf(milliseconds)}`, by: 1 },
  { field: `${name}:total`, by: milliseconds },
  { field: `${name}-business:${bucketOf(business)}`, by: 1 },
  { field: `${name}-business:total`, by: business },
];

/** Not sent yet, or never: nothing has happened. */
const isSilent = (status: string): boolean => status === 'scheduled' || status === 'cancelled';

const ofMessage = (fact: FactOf<'message'>, home: string | undefined): Count[] => {
  if (isSilent(fact.status)) return [];
  const channel = channelName(fact);
  const responses = [
    ...(fact.response ? duration('response', fact.response) : []),
    ...(fact.response?.isFirst === true ? duration('first', fact.response) : []),
  ];
  const status = { field: `status:${fact.status}`, by: 1 };
  const place = { day: fact.day };
  const count = (series: Series, about: string, fields: readonly { field: string; by: number }[]): Count[] =>
    fields.map((each) => ({ series, about, ...place, ...each }));
  return [
    { series: 'TOTAL', day: '', about: '', field: `message:${channel}:${fact.status}`, by: 1 },
    ...count('CHANNEL', channel, [status, { field: `${fact.direction}:${fact.hour}`, by: 1 }, ...responses]),
    ...(fact.agent === null ? [] : count('AGENT', fact.agent, [status, ...responses])),
    ...(fact.templateId === null ? [] : count('TEMPLATE', fact.templateId, [{ field: 'sent', by: 1 }])),
    ...(home === undefined
      ? []
      : count('CLIENT', home, [{ field: `${fact.direction}:${fact.transport}`, by: 1 }, ...responses])),
  ];
};

const ofTurn = (fact: FactOf<'turn'>): Count[] => {
  const fields = [
    { field: fact.turn, by: 1 },
    ...(fact.resolution === null ? [] : duration('resolution', fact.resolution)),
  ];
  return [
    ...fields.map((each): Count => ({ series: 'DAY', day: fact.day, about: '', ...each })),
    ...(fact.agent === null ? [] : fields).map((each): Count => ({
      series: 'AGENT',
      day: fact.day,
      about: fact.agent ?? '',
      ...each,
    })),
  ];
};

/** All numbers that a fact is part of. @param home in whose collection it stands, where that counts its own */
export const countsOf = (fact: Fact | undefined, home?: ClientId): Count[] => {
  if (fact === undefined) return [];
  const total = (field: string): Count => ({ series: 'TOTAL', day: '', about: '', field, by: 1 });
  switch (fact.kind) {
    case 'message':
      return ofMessage(fact, home);
    case 'chat':
      return [total(`chats:${fact.status}`), ...(fact.isUnread ? [total('chats:unread')] : [])];
    case 'client':
      return [
        ...(fact.isActive ? [total('clients')] : []),
        { series: 'DAY', day: fact.day, about: '', field: 'clients', by: 1 },
      ];
    case 'interaction':
      return [
        { series: 'DAY', day: fact.day, about: '', field: 'interactions', by: 1 },
        ...(fact.agent === null
          ? []
          : [{ series: 'AGENT' as const, day: fact.day, about: fact.agent, field: 'interactions', by: 1 }]),
      ];
    case 'turn':
      return ofTurn(fact);
  }
};

const nameOf = ({ series, day: at, about, field }: Count): string => JSON.stringify([series, at, about, field]);

/** What is added to each number, so that what one thing counted for becomes what another does. */
export const difference = (before: readonly Count[], after: readonly Count[]): Count[] => {
  const sums = new Map<string, Count>();
  for (const count of [...before.map((each) => ({ ...each, by: -each.by })), ...after]) {
    const name = nameOf(count);
    sums.set(name, { ...count, by: (sums.get(name)?.by ?? 0) + count.by });
  }
  return [...sums.values()].filter(({ by }) => by !== 0);
};
