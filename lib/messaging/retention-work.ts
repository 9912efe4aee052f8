import * as z from 'zod';
import type { Act } from '../domain/act.ts';
import { ClientRecordSchema } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import type { JobRecord } from '../domain/job.ts';
import { isPassing } from '../domain/passing.ts';
import { removeAuditBefore } from '../table/audit.ts';
import { storedByAge, type StoredClient } from '../table/client-walk.ts';
import { findLegalHolds, homesOf } from '../table/legal-holds.ts';
import { getSettings } from '../table/settings.ts';
import { boundsOf, type Bounds } from './retention-bounds.ts';
import { clearCollection, Moved } from './retention-removal.ts';
import type { JobStep, JobWork, PassedOver } from './jobs.ts';

/** Which list is gone through, and up to which client, or day of the log. */
const PositionSchema = z.object({
  list: z.enum(['clients', 'deleted', 'audit']),
  after: z.string().nullable(),
});
type Position = z.infer<typeof PositionSchema>;

export const RETENTION_BEGINNING: Position = { list: 'clients', after: null };

/** Where there is nothing to remove, it takes a few queries for each of them. */
const CLIENTS = 20;
/** What one client has more than that is left to the next step. */
const MOST_ITEMS = 200;

/** A hold came between, or what may bring one along. */
const isStopped = (error: unknown): boolean =>
  error instanceof Moved || (error instanceof Failure && error.code === 'client.legal-hold');

/** What AWS says of one thing that we ask for, rather than of all that we may ask for. */
const ofOneRequest = new Set(['ValidationException', 'TransactionCanceledException']);

/** Our rights, our configuration or the table itself are at fault: the next client would fare no better. */
const isOfAll = (error: unknown): boolean =>
  isPassing(error) ||
  (error instanceof Error &&
    (error.name === 'ConfigurationError' || ('$metadata' in error && !ofOneRequest.has(error.name))));

/** What is stored of this client cannot be read or removed, or others change it all the time. */
const isOfClient = (error: unknown): boolean =>
  (error instanceof Failure && error.code === 'write.contended') || !isOfAll(error);

/** The id at the end of a client's place. */
const idOf = ({ gsi1sk }: StoredClient): string => gsi1sk.slice(gsi1sk.lastIndexOf('#') + 1);

interface Cleared {
  readonly removed: number;
  readonly passedOver: readonly PassedOver[];
}

/**
 * Removes what is too old of a client who is under no hold, with all that were merged into it. One that cannot be cleared
 * is passed over: it must not keep all that come after it from being cleared, night after night.
 */
const clearClient = async (act: Act, stored: StoredClient, bounds: Bounds): Promise<Cleared> => {
  let removed = 0;
  try {
    const client = ClientRecordSchema.parse(stored);
    if ((await findLegalHolds(act.tenant, client)).length > 0) return { removed, passedOver: [] };
    for (const home of homesOf(client)) {
      if (removed < MOST_ITEMS) removed += await clearCollection(act, { client, home, bounds }, MOST_ITEMS - removed);
    }
  } catch (error) {
    // What is left stays.
    if (isStopped(error)) return { removed, passedOver: [] };
    if (!isOfClient(error)) throw error;
    return { removed, passedOver: [{ id: idOf(stored), error }] };
  }
  return { removed, passedOver: [] };
};

const clearSome = async (act: Act, position: Position & { list: 'clients' | 'deleted' }, bounds: Bounds) => {
  const { items, next } = await storedByAge(act.tenant, position.list, position.after, CLIENTS);
  let [after, removed] = [position.after, 0];
  const passedOver: PassedOver[] = [];
  for (const client of items) {
    const cleared = await clearClient(act, client, bounds);
    removed += cleared.removed;
    passedOver.push(...cleared.passedOver);
    const isPassedOver = cleared.passedOver.length > 0;
    if (removed >= MOST_ITEMS && !isPassedOver) return { position: { ...position, after }, removed, passedOver };
    after = client.gsi1sk;
  }
  const left = next === null ? { list: position.list === 'clients' ? 'deleted' : 'audit', after: null } : undefined;
  return { position: PositionSchema.parse(left ?? { ...position, after: next }), removed, passedOver };
};

/** What is kept for how long is asked before each step, for it may be longer by now. */
const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = PositionSchema.parse(job.position);
  const bounds = boundsOf(await getSettings(act.tenant), act.now());
  if (position.list === 'audit') {
    const { removed, emptied, isDone } = await removeAuditBefore(act.tenant, bounds.audit, position.after, MOST_ITEMS);
    const progress = { done: job.progress.done + removed, total: null };
    return { next: isDone ? 'done' : 'go-on', position: { ...position, after: emptied }, progress };
  }
  const { list, after } = position;
  const { position: next, removed, passedOver } = await clearSome(act, { list, after }, bounds);
  return { next: 'go-on', position: next, progress: { done: job.progress.done + removed, total: null }, passedOver };
};

/**
 * Removes what is older than it is kept, client after client, then of the audit log. What is removed is gone at once, and
 * nothing is removed of what is not there: a step that is taken again does what is left of it.
 */
export const retentionWork: JobWork = { step };
