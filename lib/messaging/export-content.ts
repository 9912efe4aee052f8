import { readFile } from '../cloud/files.ts';
import type { ZipSlice } from '../cloud/zip.ts';
import { ClientSchema } from '../contract/clients.ts';
import { UploadIdSchema, UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ExportRecord } from '../domain/client-export.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { ScheduledRecordSchema } from '../domain/scheduled.ts';
import { cleanName } from '../domain/upload.ts';
import { findClients } from '../table/clients.ts';
import { listUnder, type Stored } from '../table/collection.ts';
import { MESSAGE, SCHEDULED } from '../table/keys.ts';
import { oldestShownId } from '../table/retained.ts';
import { firstPlace, type Place } from './export-position.ts';
import { sections } from './export-sections.ts';

interface Writing {
  readonly act: Act;
  readonly record: ExportRecord;
  readonly homes: readonly ClientId[];
  readonly slice: ZipSlice;
}

interface Written {
  readonly place: Place;
  /** How much was read. */
  readonly read: number;
}

const DOCUMENT = 'client.json';

const write = (slice: ZipSlice, text: string): void => {
  slice.write(Buffer.from(text));
};

/** Who it is of, and for whom. The document is closed when its last list is. */
const writeHead = async ({ act, record, homes, slice }: Writing): Promise<Written> => {
  const [client, ...absorbed] = (await findClients(act.tenant, homes)).map((each) => ClientSchema.parse(each));
  const head = { exportedAt: record.requestedAt, exportedBy: record.userId, client, absorbedClients: absorbed };
  slice.begin(DOCUMENT, true);
  write(slice, JSON.stringify(head, null, 1).replace(/\n\}$/, ''));
  return { place: { ...firstPlace, stage: 'lists' }, read: homes.length };
};

const PAGE = 100;

const writeList = async ({ act, record, homes, slice }: Writing, place: Place): Promise<Written> => {
  const section = sections[place.list];
  if (section === undefined) {
    write(slice, '\n}\n');
    slice.end();
    return { place: { ...firstPlace, stage: 'files' }, read: 0 };
  }
  if (place.home === 0 && place.after === null) write(slice, `,\n "${section.name}": [`);
  const home = homes[place.home];
  if (home === undefined) {
    write(slice, place.written === 0 ? ']' : '\n ]');
    return { place: { ...firstPlace, stage: 'lists', list: place.list + 1 }, read: 0 };
  }
  const reader = UserIdSchema.parse(record.userId);
  const { items, next } = await section.read({
    tenant: act.tenant,
    home,
    reader,
    after: place.after,
    limit: PAGE,
    now: act.now(),
  });
  const lines = items.map((item, index) => `${place.written + index === 0 ? '' : ','}\n  ${JSON.stringify(item)}`);
  write(slice, lines.join(''));
  const written = place.written + items.length;
  return {
    place:
      next === undefined
        ? { ...place, home: place.home + 1, after: null, written }
        : { ...place, after: next, written },
    read: items.length,
  };
};

/** Most have no files, and are only gone over. */
const MESSAGES = 250;

const next = { after: null, written: 0 } as const;

/** What was scheduled and is not sent yet, or never, has its files for itself. */
const filesOf = (item: Stored): MessageRecord => {
  const message = MessageRecordSchema.parse(item);
  const scheduled = item.sk.startsWith(SCHEDULED) ? ScheduledRecordSchema.parse(item) : undefined;
  return scheduled === undefined || scheduled.messageId === null ? message : { ...message, attachments: [] };
};

/** Files, one after the other, until the slice has enough: only one of them is in memory beside it. */
const writeFiles = async ({ act, homes, slice }: Writing, place: Place, isFull: () => boolean): Promise<Written> => {
  const home = homes[place.home];
  if (home === undefined) return { place: { ...place, stage: 'end' }, read: 0 };
  const prefix = [MESSAGE, SCHEDULED][place.list];
  if (prefix === undefined) return { place: { ...place, ...next, list: 0, home: place.home + 1 }, read: 0 };
  const from = prefix === MESSAGE ? `${MESSAGE}${await oldestShownId(act.tenant, 'messages')}` : prefix;
  const stored = await listUnder(act.tenant, home, { prefix, after: place.after, from }, MESSAGES);
  if (stored.length === 0) return { place: { ...place, ...next, list: place.list + 1 }, read: 0 };
  let at = place;
  for (const item of stored) {
    const { id, attachments } = filesOf(item);
    for (const { uploadId, name } of attachments.slice(at.written)) {
      if (isFull()) return { place: at, read: 0 };
      at = { ...at, written: at.written + 1 };
      const file = uploadId === null ? undefined : await readFile(act.tenant, UploadIdSchema.parse(uploadId));
      if (file === undefined) continue;
      slice.begin(`files/${id}/${at.written}-${cleanName(name)}`, false);
      slice.write(file);
      slice.end();
    }
    at = { ...at, after: item.sk, written: 0 };
  }
  return { place: at, read: 0 };
};

/** Writes a little more, from a place in the content on. */
export const writeNext = (writing: Writing, place: Place, isFull: () => boolean): Promise<Written> => {
  switch (place.stage) {
    case 'head':
      return writeHead(writing);
    case 'lists':
      return writeList(writing, place);
    case 'files':
      return writeFiles(writing, place, isFull);
    case 'end':
      return Promise.resolve({ place, read: 0 });
  }
};
