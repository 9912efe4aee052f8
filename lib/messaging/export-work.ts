import {
  beginExport,
  completeExport,
  ExportGone,
  giveExportUp,
  keepDirectory,
  LEAST_PART_BYTES,
  readDirectories,
  removeDirectories,
  writeExportPart,
  type ExportPlace,
} from '../cloud/client-exports.ts';
import { ZipSlice } from '../cloud/zip.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { failedExport, readyExport, runningExport, type ExportRecord } from '../domain/client-export.ts';
import type { JobRecord } from '../domain/job.ts';
import { exportEvent } from '../domain/occurrence.ts';
import { whileActive } from '../table/belongings.ts';
import { findExport, replaceExport } from '../table/client-exports.ts';
import { findClient } from '../table/clients.ts';
import { announce } from '../table/outbox.ts';
import { writeNext } from './export-content.ts';
import { exportBeginning, ExportPositionSchema, type ExportPosition } from './export-position.ts';
import type { JobStep, JobWork } from './jobs.ts';

const nothingLeft = { next: 'done', position: null } as const;

interface Standing {
  readonly record: ExportRecord;
  readonly place: ExportPlace;
  /** Undefined for a client that is not there to be exported any more. */
  readonly homes: readonly ClientId[] | undefined;
}

/** How the export stands, and the client; undefined for an export in whose place there is another one. */
const findStanding = async (act: Act, job: JobRecord): Promise<Standing | undefined> => {
  const { tenant } = act;
  const clientId = ClientIdSchema.parse(job.subjectId);
  const [record, client] = await Promise.all([
    findExport(tenant, clientId, job.actor.id),
    findClient(tenant, clientId),
  ]);
  if (record?.id !== job.id) return undefined;
  const homes = client?.state === 'active' ? [client.id, ...client.absorbed] : undefined;
  return { record, place: { tenant, clientId, id: job.id }, homes };
};

/** Fills one part of the file, or what is left to be written, and hands it to the bucket. */
const writePart = async (act: Act, { record, place }: Standing, position: ExportPosition): Promise<JobStep> => {
  const uploadId = position.uploadId ?? (await beginExport(place));
  const slice = new ZipSlice(position.zip, new Date(record.requestedAt));
  let [at, read] = [position.place, position.read];
  const isFull = () => slice.length >= LEAST_PART_BYTES;
  while (at.stage !== 'end' && !isFull()) {
    const written = await writeNext({ act, record, homes: position.homes, slice }, at, isFull);
    at = written.place;
    read += written.read;
  }
  const part = position.etags.length + 1;
  const isLast = at.stage === 'end';
  if (isLast) slice.finish(await readDirectories(place, position.etags.length));
  else await keepDirectory(place, part, slice.directory);
  const etags = [...position.etags, await writeExportPart(place, uploadId, part, slice.bytes)];
  const next = { ...position, uploadId, etags, zip: slice.state, place: at, read };
  const progress = { done: read, total: isLast ? read : null };
  const running = { ...runningExport(record, progress, uploadId), homes: position.homes };
  if (!isLast) {
    return { next: 'go-on', position: next, progress, also: [replaceExport(act.tenant, record, running)] };
  }
  await completeExport(place, uploadId, etags);
  await removeDirectories(place, position.etags.length);
  const ready = readyExport(act, { ...running, revision: record.revision }, slice.state.length);
  return {
    next: 'done',
    position: null,
    progress,
    also: [
      whileActive(act.tenant, record.clientId),
      replaceExport(act.tenant, record, ready),
      announce(exportEvent(act, 'ClientExported', ready)),
    ],
  };
};

/** The client was deleted, merged or erased meanwhile. */
const stop = async (act: Act, { record, place }: Standing, position: ExportPosition): Promise<JobStep> => {
  if (position.uploadId !== null) await giveExportUp(place, position.uploadId);
  await removeDirectories(place, position.etags.length);
  return { ...nothingLeft, also: [replaceExport(act.tenant, record, failedExport(record))] };
};

const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = ExportPositionSchema.parse(job.position);
  const standing = await findStanding(act, job);
  if (standing === undefined) return nothingLeft;
  const { homes } = standing;
  if (homes === undefined) return stop(act, standing, position);
  // A merge that was undone takes away what was written of the other client.
  const isStill = position.homes.every((home) => homes.includes(home));
  try {
    return await writePart(act, standing, isStill ? position : exportBeginning(homes));
  } catch (error) {
    // Completed by a step whose end was not saved: it is written once more.
    if (error instanceof ExportGone) return { next: 'go-on', position: exportBeginning(homes) };
    throw error;
  }
};

/**
 * Writes a client's export as one ZIP file, a part of some megabytes with each step, so that neither memory nor time grow
 * with the client.
 */
export const exportWork: JobWork = {
  step,
  giveUp: async (act, job) => {
    const standing = await findStanding(act, job);
    return standing === undefined ? [] : [replaceExport(act.tenant, standing.record, failedExport(standing.record))];
  },
};
