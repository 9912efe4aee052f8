import { FileGone } from '../cloud/long-files.ts';
import { exportedKey } from '../cloud/sheets.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { foldCase } from '../domain/case-fold.ts';
import type { ClientRecord } from '../domain/client.ts';
import { writeRows } from '../domain/csv.ts';
import { columnNames, exportRow } from '../domain/export-cells.ts';
import type { JobRecord } from '../domain/job.ts';
import { sheetEvent } from '../domain/occurrence.ts';
import { sheetBeginning, SheetPositionSchema, sheetView, type SheetPosition } from '../domain/sheet-export.ts';
import { listClientsByTag } from '../table/client-tags.ts';
import { findClients, listClients } from '../table/clients.ts';
import { listCustomFields } from '../table/custom-fields.ts';
import { announce } from '../table/outbox.ts';
import type { Page, Paged } from '../table/page.ts';
import { listMembers } from '../table/segment-members.ts';
import { findSegmentWithState } from '../table/segments.ts';
import type { JobStep, JobWork } from './jobs.ts';
import { writeSheetPart } from './sheet-parts.ts';

/** What one read of many items takes. */
const PAGE = 100;
/** How long an export waits for a segment to be built before it looks again. */
const WAIT_SECONDS = 5;

type List = (page: Page) => Promise<Paged<ClientRecord>>;

interface Source {
  /** `null` for what has no generations. */
  readonly generation: number | null;
  readonly list: List;
}

/** The members that a segment has now; undefined where nobody finds them; `wait` while they are being found. */
const membersOf = async (tenant: TenantId, id: NonNullable<SheetPosition['asked']['filter']['segmentId']>) => {
  const found = await findSegmentWithState(tenant, id);
  if (found === undefined || found.state.status === 'failed') return undefined;
  const { segment, state } = found;
  if (state.status === 'building' || state.generation !== segment.generation) return 'wait' as const;
  const list: List = async (page) => {
    const { items, nextCursor } = await listMembers(tenant, segment, page);
    const clients = await findClients(
      tenant,
      items.map((member) => member.id),
    );
    return { items: clients.filter((client) => client.state === 'active'), nextCursor };
  };
  return { generation: segment.generation, list };
};

const sourceOf = async (tenant: TenantId, { filter }: SheetPosition['asked']): Promise<Source | 'wait' | undefined> => {
  const { tag, segmentId } = filter;
  if (segmentId !== undefined) return membersOf(tenant, segmentId);
  const list: List = (page) =>
    tag === undefined ? listClients(tenant, 'newest', page) : listClientsByTag(tenant, tag, page);
  return { generation: null, list };
};

const ended = (act: Act, job: JobRecord, position: SheetPosition): JobStep => {
  const finished = { ...job, state: 'done' as const, position, finishedAt: instant(act.now()) };
  return {
    next: 'done',
    position,
    progress: { done: position.rows, total: position.rows },
    also: [announce(sheetEvent(act, 'ExportFinished', sheetView(finished, act.now())))],
  };
};

const hasTag = (tag: string | undefined) => (client: ClientRecord) =>
  tag === undefined || client.tags.some((each) => foldCase(each) === foldCase(tag));

/** Writes one part of the file. @throws FileGone */
const writePart = async (act: Act, job: JobRecord, position: SheetPosition, source: Source): Promise<JobStep> => {
  const { asked } = position;
  const definitions = await listCustomFields(act.tenant);
  const columns = position.columns ?? columnNames(asked.columns, definitions);
  const file = {
    key: exportedKey(act.tenant, job.id),
    name: 'clients.csv',
    header: writeRows([columns], asked.delimiter),
  };
  let { rows } = position;
  const { uploadId, etags, next } = await writeSheetPart(file, position, position.cursor ?? '', async (cursor) => {
    const page = await source.list({ limit: PAGE, cursor: cursor === '' ? undefined : cursor });
    const clients = page.items.filter(hasTag(asked.filter.tag));
    rows += clients.length;
    const text = writeRows(
      clients.map((client) => exportRow(client, columns, definitions)),
      asked.delimiter,
    );
    return { text, next: page.nextCursor ?? undefined };
  });
  const written = { ...position, columns, generation: source.generation, uploadId, etags, rows, cursor: next ?? null };
  if (next === undefined) return ended(act, job, written);
  return { next: 'go-on', position: written, progress: { done: rows, total: null } };
};

const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = SheetPositionSchema.parse(job.position);
  const source = await sourceOf(act.tenant, position.asked);
  if (source === undefined) {
    const error = { code: 'export.no-segment', detail: 'The segment was removed, or could not be built.' };
    return ended(act, job, { ...position, error });
  }
  if (source === 'wait') return { next: { waitSeconds: WAIT_SECONDS }, position };
  // A segment with another filter has other members: whoever is in the file must not depend on when it changed.
  const isStill = position.generation === null || position.generation === source.generation;
  try {
    return await writePart(act, job, isStill ? position : sheetBeginning(position.asked), source);
  } catch (error) {
    // Completed by a step whose end was not saved: it is written once more.
    if (error instanceof FileGone) return { next: 'go-on', position: sheetBeginning(position.asked) };
    throw error;
  }
};

/** Writes clients to a CSV file, some megabytes with each step, so that neither memory nor time grow with their number. */
export const sheetWork: JobWork = {
  step,
  giveUp: (act, job) => Promise.resolve([announce(sheetEvent(act, 'ExportFinished', sheetView(job, act.now())))]),
};
