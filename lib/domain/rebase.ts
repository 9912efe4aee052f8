import { isDeepStrictEqual } from 'node:util';
import { CUSTOM_FIELD } from '../contract/merge.ts';
import type { ChatRecord } from './chat.ts';
import { sameStanding, standingOf, type Standing } from './chat-status.ts';
import type { ClientRecord } from './client.ts';
import { earliestOf, standingOfBoth } from './merge-chats.ts';
import type { FieldTaken, MergeRecord } from './merge-record.ts';
import { withoutTags } from './tag.ts';

type Taken = NonNullable<MergeRecord['taken']>;

/** A client with its chat's head. */
interface ClientWithChat {
  readonly client: ClientRecord;
  readonly chat: ChatRecord;
}

/** A later merge into the same survivor: what it took, and of whom. */
interface Later extends ClientWithChat {
  readonly taken: Taken;
}

/** What the merge that is undone takes with it, and what later ones, the earliest first, have taken without it. */
export interface Rebased {
  readonly taken: Taken;
  readonly laters: readonly Later[];
}

/** A value of the survivor: as it was, and as it would have been without the merge that is undone. */
interface Course<Value> {
  readonly was: Value;
  readonly would: Value;
}

/** Before and after each of the later merges; undefined where somebody changed the value between two of them. */
const courseOf = <Value>(
  start: Course<Value>,
  laters: readonly Later[],
  next: (course: Course<Value>, later: Later) => Course<Value> | undefined,
): readonly Course<Value>[] | undefined => {
  const courses = [start];
  let last = start;
  for (const later of laters) {
    const following = next(last, later);
    if (following === undefined) return undefined;
    courses.push(following);
    last = following;
  }
  return courses;
};

/** Phone and PIN are not compared when a merge is undone: an address that has been a contact since is one still. */
const IDENTITIES: readonly string[] = ['phone', 'pin'];

const valueOf = (client: ClientRecord, field: string): unknown => {
  const [values, name] = field.startsWith(CUSTOM_FIELD)
    ? [client.customFields, field.slice(CUSTOM_FIELD.length)]
    : [client, field];
  return new Map<string, unknown>(Object.entries(values)).get(name);
};

/** As comments are joined, which alone are. */
const joined = (ours: unknown, theirs: unknown): unknown =>
  typeof ours === 'string' && typeof theirs === 'string' && ours !== theirs ? `${ours}\n\n${theirs}` : theirs;

const afterTaking =
  (field: string) =>
  ({ was, would }: Course<unknown>, { taken, client }: Later): Course<unknown> | undefined => {
    const change = taken.fields.find((each) => each.field === field);
    const theirs = valueOf(client, field);
    if (change === undefined) return { was, would: would ?? theirs ?? would };
    if (!isDeepStrictEqual(change.before, was)) return undefined;
    return { was: change.after, would: isDeepStrictEqual(change.after, theirs) ? theirs : joined(would, theirs) };
  };

const withField = (later: Later, change: FieldTaken): Later => {
  const others = later.taken.fields.filter(({ field }) => field !== change.field);
  const isTaken = !isDeepStrictEqual(change.before, change.after);
  return { ...later, taken: { ...later.taken, fields: isTaken ? [...others, change] : others } };
};

/** What the later merge put in the place of what the earlier one had brought, it put in the place of what was before. */
const withoutEarlier =
  ({ field, before, after }: FieldTaken) =>
  (later: Later): Later => {
    const change = later.taken.fields.find((each) => each.field === field && isDeepStrictEqual(each.before, after));
    return change === undefined ? later : withField(later, { ...change, before });
  };

/** A value that nobody has changed since becomes what the merges that stand make of it. */
const rebaseField =
  (survivor: ClientRecord) =>
  ({ taken, laters }: Rebased, change: FieldTaken): Rebased => {
    const { field, before, after } = change;
    const courses = courseOf<unknown>({ was: after, would: before }, laters, afterTaking(field));
    const last = courses?.at(-1);
    const isKnown = last !== undefined && isDeepStrictEqual(last.was, valueOf(survivor, field));
    if (!isKnown || courses === undefined || IDENTITIES.includes(field)) {
      return { taken: { ...taken, fields: [...taken.fields, change] }, laters: laters.map(withoutEarlier(change)) };
    }
    return {
      taken: { ...taken, fields: [...taken.fields, { field, before: last.would, after: last.was }] },
      laters: laters.map((later, index) =>
        withField(later, { field, before: courses[index]?.would, after: courses[index + 1]?.would }),
      ),
    };
  };

const rebaseFields = (survivor: ClientRecord, { taken, laters }: Rebased): Rebased =>
  taken.fields.reduce(rebaseField(survivor), { taken: { ...taken, fields: [] }, laters });

/** A tag that a client who stays has as well stays with it. */
const rebaseTags = (survivor: ClientRecord, { taken, laters }: Rebased): Rebased => {
  const common = (tags: readonly string[], others: readonly string[]) => withoutTags(tags, withoutTags(tags, others));
  let leaving = taken.tags;
  const after = laters.map((later) => {
    const staying = common(common(leaving, survivor.tags), later.client.tags);
    leaving = withoutTags(leaving, staying);
    return { ...later, taken: { ...later.taken, tags: [...withoutTags(later.taken.tags, staying), ...staying] } };
  });
  return { taken: { ...taken, tags: leaving }, laters: after };
};

/** A phone that gave way in the earlier merge is no contact any more once the later one gives it back. */
const rebaseContacts = ({ taken, laters }: Rebased): Rebased => ({
  taken,
  laters: laters.map((later) => ({
    ...later,
    taken: { ...later.taken, madeContacts: [...new Set([...later.taken.madeContacts, ...taken.madeContacts])] },
  })),
});

type ChatTaken = Taken['chat'];

const withChat = (later: Later, before: Partial<ChatTaken['before']>, after: Partial<ChatTaken['after']>): Later => {
  const { chat } = later.taken;
  const changed = { before: { ...chat.before, ...before }, after: { ...chat.after, ...after } };
  return { ...later, taken: { ...later.taken, chat: changed } };
};

/** A chat that the client who leaves had opened is open by those who stay, or not at all. */
const rebaseOpening = ({ taken, laters }: Rebased): Rebased => {
  let { openedAt } = taken.chat.before;
  const after = laters.map((later) => {
    const rebased = withChat(later, { openedAt }, {});
    openedAt = earliestOf(openedAt, later.chat.openedAt);
    return rebased;
  });
  return { taken: { ...taken, chat: { ...taken.chat, before: { ...taken.chat.before, openedAt } } }, laters: after };
};

type Assignee = Pick<ChatRecord, 'assigneeId'>;

/** What can be decided of a chat: how to find it, when two of it are the same, what a merge makes of it. */
interface Decision<Value> {
  readonly of: (decided: ChatTaken['before'] | ChatTaken['after']) => Value;
  readonly same: (one: Value, other: Value) => boolean;
  readonly merged: (would: Value, later: Later) => Value;
}

/** What somebody decided of a chat, where nobody has decided otherwise since. */
const rebaseDecision = <Value extends Assignee | Standing>(
  { taken, laters }: Rebased,
  now: Value,
  { of, same, merged }: Decision<Value>,
): Rebased => {
  const { before, after } = taken.chat;
  const courses = courseOf({ was: of(after), would: of(before) }, laters, ({ was, would }, later) => {
    const change = later.taken.chat;
    if (!same(of(change.before), was)) return undefined;
    const isTaken = !same(of(change.after), was);
    return { was: of(change.after), would: isTaken ? of(change.after) : merged(would, later) };
  });
  const last = courses?.at(-1);
  if (courses === undefined || last === undefined || !same(last.was, now)) return { taken, laters };
  return {
    taken: { ...taken, chat: { before: { ...before, ...last.would }, after: { ...after, ...last.was } } },
    laters: laters.map((later, index) => {
      const [from, to] = [courses[index] ?? last, courses[index + 1] ?? last];
      return withChat(later, from.would, to.would);
    }),
  };
};

const rebaseAssignee = (chat: ChatRecord, rebased: Rebased): Rebased =>
  rebaseDecision<Assignee>(rebased, chat, {
    of: ({ assigneeId }) => ({ assigneeId }),
    same: (one, other) => one.assigneeId === other.assigneeId,
    merged: (would, { chat: theirs }) => ({ assigneeId: would.assigneeId ?? theirs.assigneeId }),
  });

const rebaseStanding = (chat: ChatRecord, rebased: Rebased): Rebased =>
  rebaseDecision<Standing>(rebased, chat, {
    of: standingOf,
    same: sameStanding,
    merged: (would, { chat: theirs, taken }) =>
      standingOfBoth({ ...would, openedAt: taken.chat.before.openedAt }, theirs),
  });

/**
 * Takes a merge out of several into the same survivor as if it had not been: what those who stay have as well stays, and
 * undoing a later merge too brings back nothing of the client that has left.
 *
 * @param isAnswered whether anything was written in the survivor's chat since: then its status is of that
 */
export const rebase = (survivor: ClientWithChat, undone: Rebased, isAnswered: boolean): Rebased => {
  if (undone.laters.length === 0) return undone;
  const profile = rebaseContacts(rebaseTags(survivor.client, rebaseFields(survivor.client, undone)));
  const opened = rebaseAssignee(survivor.chat, rebaseOpening(profile));
  return isAnswered ? opened : rebaseStanding(survivor.chat, opened);
};
