import type { MergeConflict, MergeProblem, Preference } from '../contract/merge.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { touched, type ClientRecord } from '../domain/client.ts';
import { Failure, requireVersion } from '../domain/failure.ts';
import { conflictsOf, mergeProfiles } from '../domain/merge.ts';
import { absorbedChat, mergeChats } from '../domain/merge-chats.ts';
import { mergeProblems, requireWithinLimits } from '../domain/merge-limits.ts';
import { newMerge, type MergeRecord } from '../domain/merge-record.ts';
import { continuation, mergeEvent } from '../domain/occurrence.ts';
import {
  commitMerge,
  countOpenInteractions,
  findAbsorbedChats,
  findStandings,
  requireActive,
  type Standing,
} from '../table/merges.ts';
import { untilUndisturbed, type Step } from '../table/transaction.ts';

/** Which client is to be merged into which, and whose values win. */
interface MergeWish {
  readonly survivorId: ClientId;
  readonly absorbedId: ClientId;
  readonly prefer: Preference;
}

interface Pair {
  readonly survivor: Standing;
  readonly absorbed: Standing;
}

const readPair = async (act: Act, { survivorId, absorbedId }: MergeWish): Promise<Pair> => {
  if (survivorId === absorbedId) throw new Failure('client.merge-itself', 'Say which other client is to be merged.');
  const standingOf = await findStandings(act.tenant, [survivorId, absorbedId]);
  return { survivor: requireActive(standingOf(survivorId)), absorbed: requireActive(standingOf(absorbedId)) };
};

const profiles = ({ survivor, absorbed }: Pair) => ({ survivor: survivor.client, absorbed: absorbed.client });

interface Preview {
  readonly client: ClientRecord;
  readonly conflicts: MergeConflict[];
  readonly joins: {
    readonly contacts: ClientRecord['contacts'];
    readonly tags: string[];
    readonly unreadCount: number;
    readonly openInteractions: number;
    readonly clients: ClientId[];
  };
  readonly problems: MergeProblem[];
}

/**
 * What would the survivor be, and what would join it? One read, and one query for each collection that would.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `client.merge-itself`
 */
export const previewMerge = async (act: Act, wish: MergeWish): Promise<Preview> => {
  const pair = await readPair(act, wish);
  const { survivor, absorbed } = pair;
  const client = mergeProfiles(act, profiles(pair), wish.prefer);
  const clients = [absorbed.client.id, ...absorbed.client.absorbed];
  const known = new Set(survivor.client.contacts.map(({ id }) => id));
  return {
    client,
    conflicts: conflictsOf(profiles(pair), wish.prefer),
    joins: {
      contacts: client.contacts.filter(({ id }) => !known.has(id)),
      tags: client.tags.filter((tag) => !survivor.client.tags.includes(tag)),
      unreadCount: absorbed.chat.unreadCount,
      openInteractions: await countOpenInteractions(act.tenant, clients),
      clients,
    },
    problems: mergeProblems(client),
  };
};

export interface Merged {
  readonly client: ClientRecord;
  readonly merge: MergeRecord;
}

/**
 * Absorbs one client into another, and moves nothing: the survivor's profile takes what it lacks, identities lead to it,
 * and whatever stands in the absorbed collection is read with the survivor's own. One read and one transaction; one
 * more read where clients were merged into the absorbed one before.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `client.merge-itself`, `client.merge-limit`, `version.stale`
 */
export const mergeClients = (
  act: Act,
  wish: MergeWish,
  ifMatch: number | undefined,
  remember: (merged: Merged) => readonly Step[],
): Promise<Merged> =>
  untilUndisturbed(async () => {
    const pair = await readPair(act, wish);
    const { survivor, absorbed } = pair;
    requireVersion(ifMatch, survivor.client.version);
    const client = mergeProfiles(act, profiles(pair), wish.prefer);
    requireWithinLimits(client);
    const theirs = await findAbsorbedChats(act.tenant, absorbed.client.absorbed);
    const chat = mergeChats(survivor.chat, absorbed.chat, client);
    const gone = touched(act, absorbed.client, { state: 'absorbed', survivorId: client.id }, false);
    const merge = newMerge(
      act,
      absorbed.client,
      { before: survivor.client, after: client },
      { before: survivor.chat, after: chat },
    );
    const named = { absorbedId: gone.id, mergeId: merge.id };
    const merging = {
      survivor: { before: survivor, after: { client, chat } },
      absorbed: { before: absorbed, after: { client: gone, chat: absorbedChat(absorbed.chat, theirs) } },
      events: [
        mergeEvent(act, 'ClientMerged', { ...client, ...named }, { ...survivor.client, ...named }),
        ...continuation(act, survivor.chat, chat),
      ],
      also: remember({ client, merge }),
    };
    await commitMerge(act.tenant, merging, merge);
    return { client, merge };
  });
