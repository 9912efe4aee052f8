import * as z from 'zod';
import { NewExportSchema, type Export, type NewExport } from '../contract/exports.ts';
import { InstantSchema } from '../contract/vocabulary.ts';
import { instant, secondsAfter } from './act.ts';
import type { JobRecord } from './job.ts';

/** The bucket's rule for sheets says the same (`resources/uploads.yml`). */
const KEPT_SECONDS = 24 * 3600;

/** Where an export stands: what is asked for, and how much of it is written. */
export const SheetPositionSchema = z.object({
  asked: NewExportSchema,
  /** The names of the file's columns; null before the first row. */
  columns: z.array(z.string()).nullable(),
  /** Which of a segment's filters found the members that are written. */
  generation: z.int().nullable(),
  /** Where the next page of clients begins. */
  cursor: z.string().nullable(),
  rows: z.int(),
  uploadId: z.string().nullable(),
  etags: z.array(z.string()),
  /** Why there is no file. */
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
});
export type SheetPosition = z.infer<typeof SheetPositionSchema>;

export const sheetBeginning = (asked: NewExport): SheetPosition => ({
  asked,
  columns: null,
  generation: null,
  cursor: null,
  rows: 0,
  uploadId: null,
  etags: [],
  error: null,
});

const stateOf = (
  { state }: JobRecord,
  { error }: SheetPosition,
  expiresAt: string | null,
  now: Date,
): Export['state'] => {
  if (error !== null) return 'failed';
  return state === 'done' && expiresAt !== null && expiresAt <= instant(now) ? 'expired' : state;
};

/** A job as the export that it writes. */
export const sheetView = (job: JobRecord, now: Date): Export => {
  const position = SheetPositionSchema.parse(job.position);
  const expiresAt =
    job.state === 'done' && job.finishedAt !== null ? secondsAfter(new Date(job.finishedAt), KEPT_SECONDS) : null;
  return {
    id: job.id,
    state: stateOf(job, position, expiresAt, now),
    filter: position.asked.filter,
    rows: position.rows,
    error: position.error ?? job.error,
    createdBy: job.actor.id,
    createdAt: InstantSchema.parse(job.createdAt),
    finishedAt: job.finishedAt,
    expiresAt: position.error === null ? expiresAt : null,
  };
};
