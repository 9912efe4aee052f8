import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { ClientSummarySchema } from '../contract/segments.ts';
import { SegmentIdSchema, type ClientId } from '../contract/vocabulary.ts';
import { foldCase } from './case-fold.ts';
import type { ChatRecord } from './chat.ts';
import type { ClientRecord } from './client.ts';
import { evaluate, looksAtChats } from './segment-filter.ts';
import type { SegmentRecord } from './segment.ts';

const MembershipSchema = z.object({ id: SegmentIdSchema, generation: z.int(), since: z.string() });
export type Membership = z.infer<typeof MembershipSchema>;

/**
 * What is written of a client outside its collection, so that it can be found by its tags and segments: every such row is
 * named in here, and this stands in the collection.
 */
const ProjectionSchema = z.object({
  /** Folded. */
  tags: z.array(z.string()),
  segments: z.array(MembershipSchema),
  /** As the rows of segments show the client; `null`: there are none. */
  summary: ClientSummarySchema.nullable(),
  /** What it was derived from. Both only ever change to what was never there before. */
  seen: z.object({ client: z.int(), chat: z.string().nullable() }),
  /** When time alone can next change it. */
  dueAt: z.string().nullable(),
});
export type Projection = z.infer<typeof ProjectionSchema>;

/** As it is stored; `stamp` is another one with every write. */
export const ProjectionRecordSchema = ProjectionSchema.extend({ stamp: z.string() });
export type ProjectionRecord = z.infer<typeof ProjectionRecordSchema>;

/** All that a projection is derived from; read after the projection that it replaces. */
export interface Sources {
  readonly client: ClientRecord | undefined;
  readonly chat: ChatRecord | undefined;
  readonly segments: readonly SegmentRecord[];
  readonly now: Date;
}

/** Which of a chat's states this is. Its version, its latest message and its opening tell each from all former ones. */
const stateOf = (chat: ChatRecord | undefined): string =>
  JSON.stringify([chat?.version, chat?.lastMessage?.id, chat?.openedAt, chat?.status, chat?.assigneeId]);

const NOTHING: Projection = { tags: [], segments: [], summary: null, seen: { client: 0, chat: null }, dueAt: null };

/**
 * What should be written of a client; undefined: nothing, not even that.
 *
 * @param before keeps since when the client has belonged to each segment
 */
export const derive = (
  { client, chat, segments, now }: Sources,
  before: Projection = NOTHING,
): Projection | undefined => {
  if (client?.state !== 'active') return undefined;
  const verdicts = segments.map((segment) => ({ segment, verdict: evaluate(segment.filter, { client, chat, now }) }));
  const memberships = verdicts.flatMap(({ segment: { id, generation }, verdict }): Membership[] => {
    if (!verdict.holds) return [];
    const former = before.segments.find((each) => each.id === id && each.generation === generation);
    return [former ?? { id, generation, since: now.toISOString() }];
  });
  const turns = verdicts.flatMap(({ verdict }) => verdict.until ?? []);
  return {
    tags: [...new Set(client.tags.map(foldCase))],
    segments: memberships,
    summary: memberships.length === 0 ? null : ClientSummarySchema.parse(client),
    seen: { client: client.revision, chat: segments.some(({ filter }) => looksAtChats(filter)) ? stateOf(chat) : null },
    dueAt: turns.length === 0 ? null : new Date(Math.min(...turns)).toISOString(),
  };
};

/** One row to be written or removed, and what that adds to the count of its tag or segment. */
export type Change =
  | { readonly kind: 'tag'; readonly tag: string; readonly adds: 1 | -1 }
  | { readonly kind: 'segment'; readonly membership: Membership; readonly adds: 1 | 0 | -1 }
  /** A row of a segment that is no more, or of a former filter: nobody counts it. */
  | { readonly kind: 'leftover'; readonly membership: Membership };

const sameSegment = (one: Membership) => (other: Membership) =>
  one.id === other.id && one.generation === other.generation;

/** Which rows have to change for `after` to be what is written instead of `before`. */
const changesBetween = (
  before: Projection | undefined,
  after: Projection | undefined,
  segments: readonly SegmentRecord[],
): Change[] => {
  const [from, to] = [before ?? NOTHING, after ?? NOTHING];
  const isLive = ({ id, generation }: Membership): boolean =>
    segments.some((segment) => segment.id === id && segment.generation === generation);
  const rewritten = !isDeepStrictEqual(from.summary, to.summary);
  const lost = from.segments.filter((membership) => !to.segments.some(sameSegment(membership)));
  return [
    ...to.tags.filter((tag) => !from.tags.includes(tag)).map((tag) => ({ kind: 'tag', tag, adds: 1 }) as const),
    ...from.tags.filter((tag) => !to.tags.includes(tag)).map((tag) => ({ kind: 'tag', tag, adds: -1 }) as const),
    ...lost.map((membership): Change =>
      isLive(membership) ? { kind: 'segment', membership, adds: -1 } : { kind: 'leftover', membership },
    ),
    ...to.segments.flatMap((membership): Change[] => {
      if (!from.segments.some(sameSegment(membership))) return [{ kind: 'segment', membership, adds: 1 }];
      return rewritten ? [{ kind: 'segment', membership, adds: 0 }] : [];
    }),
  ];
};

/** The projection once these changes are made, and others are not. */
const applied = (projection: Projection, changes: readonly Change[]): Projection => {
  const tags = new Set(projection.tags);
  let segments = projection.segments;
  for (const change of changes) {
    if (change.kind === 'tag') {
      if (change.adds === 1) tags.add(change.tag);
      else tags.delete(change.tag);
    } else {
      const { membership } = change;
      segments = segments.filter((each) => !sameSegment(membership)(each));
      if (change.kind === 'segment' && change.adds >= 0) segments = [...segments, membership];
    }
  }
  return { ...projection, tags: [...tags], segments };
};

/** What one transaction does for one client: from one state in which rows, counts and record agree to the next. */
export interface Stretch {
  readonly clientId: ClientId;
  readonly before: ProjectionRecord | undefined;
  readonly after: ProjectionRecord | undefined;
  readonly changes: readonly Change[];
  /** As its rows show it, and how it writes its tags. */
  readonly client: ClientRecord | undefined;
}

/** With a count for each, they fill a transaction. */
const MOST_CHANGES = 45;

const isWritten = (before: ProjectionRecord | undefined, after: Projection | undefined): boolean =>
  isDeepStrictEqual(before, before && after && { ...after, stamp: before.stamp });

/**
 * The way from what is written of a client to what should be, in stretches of a transaction's size; none when there is
 * nothing to do. What was derived from newer sources is written even if it is the same, so that a writer who read older
 * ones meanwhile finds it changed.
 */
export const stretchesOf = (
  clientId: ClientId,
  before: ProjectionRecord | undefined,
  sources: Sources,
  newStamp: () => string,
): Stretch[] => {
  const goal = derive(sources, before);
  const changes = changesBetween(before, goal, sources.segments);
  if (before === undefined ? goal === undefined : isWritten(before, goal)) return [];
  // A new record is written on condition of the client's revision; without segments nothing else matters.
  if (before === undefined && changes.length === 0 && sources.segments.length === 0) return [];
  const stretches: Stretch[] = [];
  let reached = before;
  for (let start = 0; start === 0 || start < changes.length; start += MOST_CHANGES) {
    const part = changes.slice(start, start + MOST_CHANGES);
    const isLast = start + MOST_CHANGES >= changes.length;
    const next = isLast ? goal : applied({ ...(reached ?? NOTHING), seen: NOTHING.seen }, part);
    const after = next && { ...next, stamp: newStamp() };
    stretches.push({ clientId, before: reached, after, changes: part, client: sources.client });
    reached = after;
  }
  return stretches;
};
