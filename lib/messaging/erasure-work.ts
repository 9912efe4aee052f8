import * as z from 'zod';
import { readPayload, removePayload } from '../cloud/payloads.ts';
import { removeExports } from '../cloud/client-exports.ts';
import { environment } from '../config/environment.ts';
import type { Removed } from '../contract/privacy.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { ChangeEntrySchema } from '../domain/change-entry.ts';
import { addRemoved, completedErasure, totalRemoved } from '../domain/erasure.ts';
import type { JobRecord } from '../domain/job.ts';
import { mentioning } from '../domain/mention.ts';
import { erasureEvent } from '../domain/occurrence.ts';
import { findClients } from '../table/clients.ts';
import { listUnder, type Stored } from '../table/collection.ts';
import { listKept, removeKept } from '../table/dead-letters.ts';
import { endErasure, freeIdentities, getErasure } from '../table/erasures.ts';
import { startJob } from '../table/jobs.ts';
import { changesOf } from '../table/keys.ts';
import { listAllMembers } from '../table/members.ts';
import type { Step } from '../table/transaction.ts';
import { countChats } from './assign.ts';
import { PositionSchema, type Position } from './erasure-position.ts';
import { removeNext } from './erasure-removal.ts';
import type { JobStep, JobWork } from './jobs.ts';

const goOn = (position: Position, removed: Partial<Removed> = {}, also: readonly Step[] = []): JobStep => {
  const next = { ...position, removed: addRemoved(position.removed, removed) };
  return { next: 'go-on', position: next, progress: { done: totalRemoved(next.removed), total: null }, also };
};

/**
 * Whoever read the client before it was hidden may still be at work: senders, subscribers, whoever fetches a file. None of
 * them lives longer than this, and whoever comes later finds the client hidden and writes nothing of it.
 */
const quietSeconds = (): number => 2 * environment().LEASE_SECONDS;

const hide = async (act: Act, position: Position): Promise<JobStep> => {
  await freeIdentities(act.tenant, await findClients(act.tenant, position.clients));
  return { next: { waitSeconds: quietSeconds() }, position: { ...position, phase: 'dead-letters' } };
};

const LETTERS = 20;
/** Which of a profile's fields hold what is a person's alone. */
const ADDRESSES: readonly string[] = ['phone', 'email', 'pin', 'contacts'];
const CHANGES = 1000;

const ContactValueSchema = z
  .object({ type: z.enum(['email', 'phone', 'whatsapp', 'telegram', 'instagram']), value: z.string() })
  .transform(({ value }) => value);
const FormerSchema = z.union([z.string(), ContactValueSchema]);

const addressesIn = (item: Stored): string[] => {
  const entry = ChangeEntrySchema.parse(item);
  return (entry.kind === 'interaction' ? [] : entry.data.changes)
    .filter(({ field }) => ADDRESSES.includes(field))
    .flatMap(({ from, to }) => [from, to])
    .flatMap((value) => FormerSchema.safeParse(value).data ?? []);
};

/** The addresses that a client once had, as far as its history tells. */
const findFormerAddresses = async ({ tenant }: Act, home: ClientId) => {
  const addresses = new Set<string>();
  const prefix = changesOf('profile');
  for (let after: string | undefined | null = null; after !== undefined;) {
    const stored: Stored[] = await listUnder(tenant, home, { prefix, after }, CHANGES);
    for (const address of stored.flatMap(addressesIn)) addresses.add(address);
    after = stored.at(-1)?.sk;
  }
  return [...addresses].map((address) => ({ type: 'former', address, handle: null }));
};

/** What could not be handled and mentions the client goes; looked for while it is still known what would mention it. */
const removeDeadLetters = async (act: Act, position: Position): Promise<JobStep> => {
  const { tenant } = act;
  const [clients, members, former, { letters, next }] = await Promise.all([
    findClients(tenant, position.clients),
    listAllMembers(tenant, position.clients),
    Promise.all(position.clients.map((home) => findFormerAddresses(act, home))),
    listKept(tenant, position.deadLetter, LETTERS),
  ]);
  const isMentioned = mentioning(clients, position.clients, [...members, ...former.flat()]);
  const also: Step[] = [];
  for (const letter of letters) {
    if (!isMentioned(letter.beside) && !isMentioned(await readPayload(tenant, letter.payload))) continue;
    await removePayload(tenant, letter.payload);
    also.push(removeKept(tenant, letter));
  }
  const place: Position =
    next === undefined ? { ...position, deadLetter: null, phase: 'collections' } : { ...position, deadLetter: next };
  return goOn(place, { deadLetters: also.length }, also);
};

const finish = async (act: Act, position: Position): Promise<JobStep> => {
  const { tenant } = act;
  await countChats(act, position.clients);
  const removed = addRemoved(position.removed, { clients: position.clients.length });
  const erasure = completedErasure(act, await getErasure(tenant, position.erasureId), removed);
  return {
    next: 'done',
    position: { ...position, removed },
    progress: { done: totalRemoved(removed), total: totalRemoved(removed) },
    also: endErasure(tenant, position.clients, erasure, erasureEvent(act, 'ClientErased', erasure)),
  };
};

/** The next of what stands in the clients' collections goes, with what it leads to; when only the heads are left, they go at once. */
const removeCollections = async (act: Act, position: Position): Promise<JobStep> => {
  const home = position.clients[position.emptied];
  if (home === undefined) return finish(act, position);
  const removal = await removeNext(act, home);
  if (removal !== undefined) return goOn(position, removal.removed, removal.steps);
  await removeExports(act.tenant, home);
  return goOn({ ...position, emptied: position.emptied + 1 });
};

const step = (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = PositionSchema.parse(job.position);
  switch (position.phase) {
    case 'hidden':
      return hide(act, position);
    case 'dead-letters':
      return removeDeadLetters(act, position);
    case 'collections':
      return removeCollections(act, position);
  }
};

/**
 * Removes a client. Every step removes first what nothing but the collection leads to, and then, in the transaction that
 * saves where it stands, the part of the collection that led there: what breaks off finds the rest again.
 *
 * An erasure is never given up: another job goes on with it.
 */
export const erasureWork: JobWork = {
  step,
  giveUp: (act, { kind, subjectId, position }) => Promise.resolve(startJob(act, { kind, subjectId, position }).steps),
};
