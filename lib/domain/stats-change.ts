import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { ClientId } from '../contract/vocabulary.ts';
import { countsOf, difference, FactSchema, type Count, type Fact } from './stats-fact.ts';

/** A fact as it is kept. */
export const FactRecordSchema = z.object({
  fact: FactSchema,
  /** In which generations of counters it is counted. */
  generations: z.array(z.int()),
  /** Another one with each write. */
  stamp: z.string(),
  /** Hashed: whose collection counts it as well. */
  home: z.string().nullable().default(null),
});
export type FactRecord = z.infer<typeof FactRecordSchema>;

/** Which counters hold, and which are just being filled. */
export const StatsHeadSchema = z.object({
  generation: z.int().default(1),
  building: z.int().nullable().default(null),
});
export type StatsHead = z.infer<typeof StatsHeadSchema>;

/** What is to be known of something from now on. */
export interface FactChange {
  readonly before: FactRecord | undefined;
  /** undefined: nothing more. */
  readonly after: Fact | undefined;
  /** Whose collection counts it as well, while that is there. */
  readonly home: ClientId | undefined;
}

/** Whether something was not known as it is. */
export const isNews = ({ before, after }: FactChange): boolean => !isDeepStrictEqual(before?.fact, after);

export const liveGenerations = ({ generation, building }: StatsHead): number[] =>
  building === null ? [generation] : [generation, building];

export interface GenerationCount extends Count {
  readonly generation: number;
}

/**
 * What is added to which counters by a change; undefined when nothing has to be written. Whoever counts all anew fills
 * other counters meanwhile: a fact that is not in them yet is added to them as a whole.
 */
export const countedBy = (head: StatsHead, { before, after, home }: FactChange): GenerationCount[] | undefined => {
  const live = liveGenerations(head);
  const isCounted = live.every((generation) => before?.generations.includes(generation) ?? after === undefined);
  if (isCounted && !isNews({ before, after, home })) return undefined;
  return live.flatMap((generation) => {
    const counted = before?.generations.includes(generation) === true ? countsOf(before.fact, home) : [];
    return difference(counted, countsOf(after, home)).map((count) => ({ ...count, generation }));
  });
};
