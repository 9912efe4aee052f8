import * as z from 'zod';
import { ClientExportSchema } from '../contract/privacy.ts';
import { ClientIdSchema, UserIdSchema, type ClientId, type JobId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';
import type { JobProgress } from './job.ts';

/** The bucket's rule for exports says the same (`resources/uploads.yml`). */
const KEPT_SECONDS = 7 * 24 * 3600;
const FRESH_SECONDS = 600;

/** An export as it is stored, with the client that it is of; its id is its job's. */
export const ExportRecordSchema = ClientExportSchema.omit({ url: true, expiresAt: true }).extend({
  userId: UserIdSchema,
  /** Whose collections are in the file: the client's, and those of the clients that were merged into it. */
  homes: z.array(ClientIdSchema).default([]),
  /** The bucket's name for the file while it is being written. */
  uploadId: z.string().nullable(),
  /** Seconds since 1970; from then on it may be forgotten. */
  expiresAt: z.int(),
  revision: z.int(),
});
export type ExportRecord = z.infer<typeof ExportRecordSchema>;

const kept = (act: Act) => ({
  keptUntil: secondsAfter(act.now(), KEPT_SECONDS),
  expiresAt: Math.floor(act.now().getTime() / 1000) + KEPT_SECONDS,
});

/**
 * @param act in the name of the user who asked for it
 * @param homes the client's, and those of the clients that were merged into it
 */
export const newExport = (act: Act, clientId: ClientId, homes: readonly ClientId[], id: JobId): ExportRecord => ({
  id,
  clientId,
  userId: UserIdSchema.parse(act.actor.id),
  homes: [...homes],
  state: 'queued',
  progress: { done: 0, total: null },
  requestedAt: instant(act.now()),
  createdAt: null,
  size: null,
  uploadId: null,
  ...kept(act),
  keptUntil: null,
  revision: 1,
});

export const runningExport = (record: ExportRecord, progress: JobProgress, uploadId: string | null): ExportRecord => ({
  ...record,
  state: 'running',
  progress,
  uploadId,
  revision: record.revision + 1,
});

export const readyExport = (act: Act, record: ExportRecord, size: number): ExportRecord => ({
  ...record,
  ...kept(act),
  state: 'ready',
  progress: { ...record.progress, total: record.progress.done },
  createdAt: instant(act.now()),
  size,
  uploadId: null,
  revision: record.revision + 1,
});

export const failedExport = (record: ExportRecord): ExportRecord => ({
  ...record,
  state: 'failed',
  revision: record.revision + 1,
});

/** Does it answer a request that is made now? Never one that tells of a client who was parted from this one since. */
export const isUsable = (record: ExportRecord, homes: readonly ClientId[], now: Date, wantsFresh: boolean): boolean => {
  if (record.expiresAt * 1000 <= now.getTime()) return false;
  if (!record.homes.every((home) => homes.includes(home))) return false;
  if (!wantsFresh) return true;
  if (record.state === 'failed') return false;
  return record.createdAt === null || now.getTime() - Date.parse(record.createdAt) < FRESH_SECONDS * 1000;
};
