import type { ClientId, MergeId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { chatWithoutAbsorbed, returnedChat } from '../domain/merge-chats.ts';
import { rebased, undone, type MergeRecord } from '../domain/merge-record.ts';
import { chatEvent, clientEvent, continuation, mergeEvent } from '../domain/occurrence.ts';
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

/** Both clients' chats once they are two again. */
const partChats = async (
  act: Act,
  { survivor, taken, absorbed }: Awaited<ReturnType<typeof readBoth>>,
  client: ClientRecord,
  restored: ClientRecord,
): Promise<{ readonly chat: Standing['chat']; readonly restoredChat: Standing['chat'] }> => {
  const [theirs, others, own] = await Promise.all([
    findAbsorbedChats(act.tenant, restored.absorbed),
    findAbsorbedChats(act.tenant, client.absorbed),
    findLatestMessage(act.tenant, client.id),
  ]);
  const unreadLeaving = sumUnread([absorbed.chat, ...theirs]);
  return {
    chat: chatWithoutAbsorbed(survivor.chat, taken.chat, { client, own, others, unreadLeaving }),
    restoredChat: returnedChat(absorbed.chat, restored, theirs),
  };
};

/** The later merges into the survivor that stand, where they are not what they would be without this one. */
const rebasing = async (act: Act, merge: MergeRecord, client: ClientRecord) => {
  if (client.absorbed.length === 0) return [];
  const standing = await findStandingMerges(act.tenant, client.id);
  return standing.flatMap((before) => {
    const after = rebased(before, merge);
    return after === undefined ? [] : [{ before, after }];
  });
};

export interface Unmerged {
  readonly client: ClientRecord;
  readonly restored: ClientRecord;
  readonly merge: MergeRecord;
}

/**
 * Undoes a merge: the absorbed client is as it was, with the identities that it had; what came from it leaves the
 * survivor where it is as it came. What was written since stays with the survivor. Up to seven reads and one transaction.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `merge.undone`, `merge.nested`, `merge.expired`, and
 * `contact.duplicate` or `client.pin-duplicate` where an identity has gone to somebody else meanwhile
 */
export const undoMerge = (
  act: Act,
  survivorId: ClientId,
  mergeId: MergeId,
  remember: (unmerged: Unmerged) => readonly Step[],
): Promise<Unmerged> =>
  untilUndisturbed(async () => {
    const read = await readBoth(act, survivorId, mergeId);
    const { survivor, merge, taken, absorbed } = read;
    const client = withoutAbsorbed(act, survivor.client, absorbed.client, taken);
    const restored = returned(act, absorbed.client, survivor.client);
    const [{ chat, restoredChat }, rebases] = await Promise.all([
      partChats(act, read, client, restored),
      rebasing(act, merge, client),
    ]);
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
    await commitUndo(act.tenant, merging, { before: merge, after }, rebases);
    return { client, restored, merge: after };
  });
