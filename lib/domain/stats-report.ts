import type { Durations } from '../contract/stats.ts';
import { MessageStatusSchema } from '../contract/messages.ts';
import { ChannelIdSchema, TransportSchema } from '../contract/vocabulary.ts';
import { percentile, sizeOf, type Histogram } from './histogram.ts';

type Fields = ReadonlyMap<string, number>;

/** The sum of what stands in several items, field by field. */
export const sumOf = (parts: Iterable<{ readonly fields: Fields }>): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { fields } of parts) for (const [field, value] of fields) sums.set(field, (sums.get(field) ?? 0) + value);
  return sums;
};

/** The sums of those that have something in common, in order of it. */
export const sumsBy = <Part extends { readonly fields: Fields }>(
  parts: readonly Part[],
  nameOf: (part: Part) => string,
): Map<string, Map<string, number>> =>
  new Map(
    [...Map.groupBy(parts, nameOf)]
      .map(([name, group]) => [name, sumOf(group)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );

export const fieldOf = (fields: Fields, name: string): number => fields.get(name) ?? 0;

/** The sum of all fields that begin so. */
export const fieldsUnder = (fields: Fields, prefix: string): number =>
  [...fields].reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);

const histogramOf = (fields: Fields, name: string): Histogram => ({
  counts: new Map(
    [...fields].flatMap(([field, value]) => {
      const bucket = field.startsWith(`${name}:`) ? field.slice(name.length + 1) : 'total';
      return bucket === 'total' || value === 0 ? [] : [[Number(bucket), value] as const];
    }),
  ),
  total: fieldOf(fields, `${name}:total`),
});

const toSeconds = (milliseconds: number | undefined): number | null =>
  milliseconds === undefined ? null : Math.round(milliseconds) / 1000;

const durations = (fields: Fields, name: string): Durations => {
  const histogram = histogramOf(fields, name);
  const count = sizeOf(histogram);
  return {
    count,
    meanSeconds: count === 0 ? null : toSeconds(histogram.total / count),
    p50Seconds: toSeconds(percentile(histogram, 0.5)),
    p90Seconds: toSeconds(percentile(histogram, 0.9)),
  };
};

export const bothDurations = (fields: Fields, name: string) => ({
  elapsed: durations(fields, name),
  businessHours: durations(fields, `${name}-business`),
});

const statusCount = (fields: Fields, statuses: readonly string[]): number =>
  statuses.reduce((sum, status) => sum + fieldOf(fields, `status:${status}`), 0);

export const deliveredIn = (fields: Fields): number => statusCount(fields, ['delivered', 'read']);
export const failedIn = (fields: Fields): number => statusCount(fields, ['failed']);

/** How soon clients are answered, and how much of that arrives. */
export const messagingOf = (fields: Fields) => {
  const [delivered, failed] = [deliveredIn(fields), failedIn(fields)];
  const sent = delivered + statusCount(fields, ['sent']);
  return {
    firstResponse: bothDurations(fields, 'first'),
    response: bothDurations(fields, 'response'),
    delivery: { sent, delivered, failed, rate: sent + failed === 0 ? null : delivered / (sent + failed) },
  };
};

export const chatsOf = (fields: Fields) => ({
  resolved: fieldOf(fields, 'resolved'),
  resolution: bothDurations(fields, 'resolution'),
});

/** The channel that is called so among the counters. */
export const channelOf = (name: string) => {
  const [transport = '', channelId = ''] = name.split(':');
  return {
    transport: TransportSchema.parse(transport),
    channelId: channelId === '' ? null : ChannelIdSchema.parse(channelId),
  };
};

/** How many messages are in which state. @param fields named by state */
export const messagesIn = (fields: Fields) => {
  const byStatus = Object.fromEntries(
    MessageStatusSchema.options.flatMap((status) =>
      fieldOf(fields, status) > 0 ? [[status, fieldOf(fields, status)]] : [],
    ),
  );
  const inbound = fieldOf(fields, 'received');
  const all = [...fields.values()].reduce((sum, value) => sum + value, 0);
  return { inbound, outbound: all - inbound, byStatus };
};
