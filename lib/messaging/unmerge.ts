import type { ClientId, MergeId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { chatWithoutAbsorbed, isWrittenSince, returnedChat } from '../domain/merge-chats.ts';
import { rebased, undone, type MergeRecord } from '../domain/merge-record.ts';
import { chatEvent, clientEvent, continuation, mergeEvent } from '../domain/occurrence.ts';
import { rebase } from '../domain/rebase.ts';
import { returned, withoutAbsorbed } from '../domain/unmerge.ts';
import {
  commitUndo,
  findAbsorbedChats,
  findLatestMessage,
  findStandingMerges,
  findStandings,
  getMerge,
  requireActive,
  type Standing,
} from '../table/merges.ts';
import { Raced, untilUndisturbed, type Step } from '../table/transaction.ts';

type Taken = NonNullable<MergeRecord['taken']>;

/** @throws Failure `merge.undone`, `merge.nested`, `merge.expired` */
const requireUndoable = (act: Act, merge: MergeRecord, survivorId: ClientId): Taken => {
  if (merge.taken === null) throw new Failure('merge.undone', 'The two have been two clients again since then.');
  if (merge.survivorId !== survivorId) {
    throw new Failure(
      'merge.nested',
      'This was merged into a client that was itself merged into this one: undo that first.',
    );
  }
  if (merge.undoUntil < instant(act.now())) {
    throw new Failure('merge.expired', `It could be undone until ${merge.undoUntil}.`);
  }
  return merge.taken;
};

const sumUnread = (chats: readonly { readonly unreadCount: number }[]): number =>
  chats.reduce((sum, { unreadCount }) => sum + unreadCount, 0);

const readBoth = async (act: Act, survivorId: ClientId, mergeId: MergeId) => {
  const survivor = requireActive((await findStandings(act.tenant, [survivorId]))(survivorId));
  const merge = await getMerge(act.tenant, survivor.client, mergeId);
  const taken = requireUndoable(act, merge, survivorId);
  const absorbed = (await findStandings(act.tenant, [merge.absorbedId]))(merge.absorbedId);
  if (absorbed?.client.survivorId !== survivorId) throw new Raced('The merge was undone meanwhile.');
  return { survivor, merge, taken, absorbed };
};

type Both = Awaited<ReturnType<typeof readBoth>>;

/** The merges that were made into the survivor later, and stand, with whom they absorbed; the earliest first. */
const readLater = async (act: Act, { survivor, merge, absorbed }: Both) => {
  if (survivor.client.absorbed.length === absorbed.client.absorbed.length + 1) return [];
  const standing = (await findStandingMerges(act.tenant, survivor.client.id)).filter(({ id }) => id > merge.id);
  if (standing.length === 0) return [];
  const standingOf = await findStandings(
    act.tenant,
    standing.map(({ absorbedId }) => absorbedId),
  );
  return standing.flatMap((before) => {
    const theirs = standingOf(before.absorbedId);
    if (theirs === undefined || before.taken === null) throw new Raced('A merge was undone meanwhile.');
    return [{ before, later: { ...theirs, taken: before.taken } }];
  });
};

/** What leaves the survivor with this merge, and the later ones that are not what they would be without it. */
const readTaken = async (act: Act, both: Both) => {
  const { survivor, taken } = both;
  const [own, standing] = await Promise.all([findLatestMessage(act.tenant, survivor.client.id), readLater(act, both)]);
  const isAnswered = isWrittenSince(own, taken.chat.after);
  const without = rebase(survivor, { taken, laters: standing.map(({ later }) => later) }, isAnswered);
  const rebases = standing.flatMap(({ before }, index) => {
    const after = rebased(before, without.laters[index]?.taken ?? null);
    return after === undefined ? [] : [{ before, after }];
  });
  return { own, taken: without.taken, rebases };
};

/** Both clients' chats once they are two again. */
const partChats = async (
  act: Act,
  { survivor, absorbed }: Both,
  { own, taken }: Awaited<ReturnType<typeof readTaken>>,
  client: ClientRecord,
  restored: ClientRecord,
): Promise<{ readonly chat: Standing['chat']; readonly restoredChat: Standing['chat'] }> => {
  const [theirs, others] = await Promise.all([
    findAbsorbedChats(act.tenant, restored.absorbed),
    findAbsorbedChats(act.tenant, client.absorbed),
  ]);
  const unreadLeaving = sumUnread([absorbed.chat, ...theirs]);
  return {
    chat: chatWithoutAbsorbed(survivor.chat, taken.chat, { client, own, others, unreadLeaving }),
    restoredChat: returnedChat(absorbed.chat, restored, theirs),
  };
};

export interface Unmerged {
  readonly client: ClientRecord;
  readonly restored: ClientRecord;
  readonly merge: MergeRecord;
}

/**
 * Undoes a merge: the absorbed client is as it was, with the identities that it had; what came from it leaves the
 * survivor where it is as it came. What was written since stays with the survivor. Up to eight reads and one transaction.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `merge.undone`, `merge.nested`, `merge.expired`, and
 * `contact.duplicate` or `client.pin-duplicate` where an identity has gone to somebody else meanwhile, and
 * `client.legal-hold` while the survivor is under one
 */
export const undoMerge = (
  act: Act,
  survivorId: ClientId,
  mergeId: MergeId,
  remember: (unmerged: Unmerged) => readonly Step[],
): Promise<Unmerged> =>
  untilUndisturbed(async () => {
    const read = await readBoth(act, survivorId, mergeId);
    const { survivor, merge, absorbed } = read;
    const leaving = await readTaken(act, read);
    const client = withoutAbsorbed(act, survivor.client, absorbed.client, leaving.taken);
    const restored = returned(act, absorbed.client, survivor.client);
    const { chat, restoredChat } = await partChats(act, read, leaving, client, restored);
    const after = undone(act, merge);
    const named = { absorbedId: restored.id, mergeId };
    const merging = {
      survivor: { before: survivor, after: { client, chat } },
      absorbed: { before: absorbed, after: { client: restored, chat: restoredChat } },
      events: [
        mergeEvent(act, 'ClientUnmerged', { ...client, ...named }, { ...survivor.client, ...named }),
        ...continuation(act, survivor.chat, chat),
        clientEvent(act, 'ClientRestored', restored),
        ...(restoredChat.openedAt === null ? [] : [chatEvent(act, 'ChatUpdated', restoredChat, absorbed.chat)]),
      ],
      also: remember({ client, restored, merge: after }),
    };
    await commitUndo(act.tenant, merging, { before: merge, after }, leaving.rebases);
    return { client, restored, merge: after };
  });
