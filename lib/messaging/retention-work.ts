import * as z from 'zod';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import type { JobRecord } from '../domain/job.ts';
import { removeAuditBefore } from '../table/audit.ts';
import { deletedByAge, recordsByAge } from '../table/client-walk.ts';
import { findLegalHolds, homesOf } from '../table/legal-holds.ts';
import { getSettings } from '../table/settings.ts';
import { boundsOf, type Bounds } from './retention-bounds.ts';
import { clearCollection, Moved } from './retention-removal.ts';
import type { JobStep, JobWork } from './jobs.ts';

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

/** Removes what is too old of a client who is under no hold, with all that were merged into it. Gives how much it was. */
const clearClient = async (act: Act, client: ClientRecord, bounds: Bounds): Promise<number> => {
  if ((await findLegalHolds(act.tenant, client)).length > 0) return 0;
  let removed = 0;
  try {
    for (const home of homesOf(client)) {
      if (removed < MOST_ITEMS) removed += await clearCollection(act, { client, home, bounds }, MOST_ITEMS - removed);
    }
  } catch (error) {
    // What is left stays.
    if (!isStopped(error)) throw error;
  }
  return removed;
};

const placeOf = ({ createdAt, id }: ClientRecord): string => `${createdAt}#${id}`;

const clearSome = async (act: Act, position: Position, bounds: Bounds) => {
  const walk = position.list === 'clients' ? recordsByAge : deletedByAge;
  const { items, next } = await walk(act.tenant, position.after, CLIENTS);
  let [after, removed] = [position.after, 0];
  for (const client of items) {
    removed += await clearClient(act, client, bounds);
    if (removed >= MOST_ITEMS) return { position: { ...position, after }, removed };
    after = placeOf(client);
  }
  const left = next === null ? { list: position.list === 'clients' ? 'deleted' : 'audit', after: null } : undefined;
  return { position: PositionSchema.parse(left ?? { ...position, after: next }), removed };
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
  const { position: next, removed } = await clearSome(act, position, bounds);
  return { next: 'go-on', position: next, progress: { done: job.progress.done + removed, total: null } };
};

/**
 * Removes what is older than it is kept, client after client, then of the audit log. What is removed is gone at once, and
 * nothing is removed of what is not there: a step that is taken again does what is left of it.
 */
export const retentionWork: JobWork = { step };
