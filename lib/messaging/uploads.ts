import type * as z from 'zod';
import { keepIncoming, readIncoming, removeFile, removeIncoming, signUpload } from '../cloud/files.ts';
import type { NewUpload, UploadTicketSchema } from '../contract/uploads.ts';
import type { ClientId, UploadId, UserId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { Failure, notFound } from '../domain/failure.ts';
import { uploadEvent } from '../domain/occurrence.ts';
import { newUpload, refusalOf, refusedUpload, storedUpload, tooLarge, type UploadRecord } from '../domain/upload.ts';
import { findChat } from '../table/chats.ts';
import { findClient } from '../table/clients.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { findUpload, findUploads, insertUpload, removeUpload, replaceUpload } from '../table/uploads.ts';
import { mismatchOf } from './file-type.ts';

/** How long a file may be uploaded for. */
const TICKET_SECONDS = 3600;

type UploadTicket = z.input<typeof UploadTicketSchema>;

/** Announces a file and says where to upload it. One transaction. @throws Failure `upload.type`, `upload.too-large` */
export const announceUpload = async (
  act: Act,
  input: NewUpload,
  user: UserId,
  remember: (ticket: UploadTicket) => Step[],
): Promise<UploadTicket> => {
  const upload = newUpload(act, input, user);
  const expiresAt = secondsAfter(act.now(), TICKET_SECONDS);
  const post = await signUpload(act.tenant, upload.id, upload.contentType, TICKET_SECONDS);
  const ticket = { ...upload, ...post, expiresAt };
  await commit(act.tenant, [
    ...remember(ticket),
    insertUpload(act.tenant, upload),
    announce(uploadEvent(act, 'UploadCreated', upload)),
  ]);
  return ticket;
};

const refuse = async (act: Act, upload: UploadRecord, failure: Failure): Promise<never> => {
  const after = refusedUpload(upload, failure);
  await commit(act.tenant, [
    replaceUpload(act.tenant, upload, after),
    announce(uploadEvent(act, 'UploadRefused', after, upload)),
  ]);
  throw failure;
};

const mismatch = ({ contentType }: UploadRecord, found: string): Failure =>
  new Failure('upload.mismatch', `It was announced as ${contentType}, but its bytes are ${found}.`);

/**
 * Looks at the bytes of an upload, unless that was done before, and keeps them where nobody can replace them. What is
 * given back is not written yet: that belongs into the transaction that uses it.
 *
 * @throws Failure `upload.awaited`, `upload.mismatch`, `upload.too-large`
 * @throws Raced when it was uploaded again meanwhile
 */
export const verifyUpload = async (act: Act, upload: UploadRecord): Promise<UploadRecord> => {
  if (upload.state === 'refused') throw refusalOf(upload);
  if (upload.state === 'stored') return upload;
  const incoming = await readIncoming(act.tenant, upload.id);
  if (incoming === undefined) throw new Failure('upload.awaited', 'Upload the file first, to where you were told.');
  const { size, bytes, etag } = incoming;
  if (bytes === undefined) return refuse(act, upload, tooLarge(size));
  const found = await mismatchOf(bytes, upload.contentType);
  if (found !== undefined) return refuse(act, upload, mismatch(upload, found));
  const { contentType } = upload;
  const kept = await keepIncoming(act.tenant, upload.id, { etag, contentType });
  if (kept === 'changed') throw new Raced('The file was uploaded again while it was looked at.');
  return storedUpload(upload, { contentType, size });
};

/** What is written about an upload whose bytes were looked at for the first time. */
export const storingSteps = (act: Act, before: UploadRecord, after: UploadRecord): Step[] =>
  before.state === 'awaiting' ? [announce(uploadEvent(act, 'UploadStored', after, before))] : [];

/** Is this chat there to be seen, or the one that it was merged into? One read, two more for each merge. */
const isShown = async (act: Act, id: ClientId): Promise<boolean> => {
  const chat = await findChat(act.tenant, id);
  if (chat?.state !== 'absorbed') return chat?.state === 'active';
  const survivorId = (await findClient(act.tenant, id))?.survivorId ?? null;
  return survivorId !== null && isShown(act, survivorId);
};

/** The files of a client who is hidden are hidden too. Those of one that was merged into another are that one's. */
const requireShown = async (act: Act, { removed, clientId }: UploadRecord): Promise<void> => {
  if (removed || (clientId !== null && !(await isShown(act, clientId)))) throw notFound();
};

/**
 * The file with this id, whose bytes are kept. One read, one more for a file in a chat, and one transaction when it is
 * looked at for the first time.
 *
 * @throws Failure `resource.not-found`, or as {@link verifyUpload}
 */
export const getFile = (act: Act, id: UploadId): Promise<UploadRecord> =>
  untilUndisturbed(async () => {
    const upload = await findUpload(act.tenant, id);
    if (upload === undefined) throw notFound();
    await requireShown(act, upload);
    const after = await verifyUpload(act, upload);
    if (after === upload) return after;
    await commit(act.tenant, [replaceUpload(act.tenant, upload, after), ...storingSteps(act, upload, after)]);
    return after;
  });

/**
 * What it takes that nobody may use these files any more; the due job then removes their bytes, and forgets them. One read.
 * Bytes of which nothing is known go at once: nobody could ever open them.
 */
export const leaveFiles = async (act: Act, ids: readonly UploadId[]): Promise<Step[]> => {
  if (ids.length === 0) return [];
  const uploads = await findUploads(act.tenant, ids);
  const known = new Set(uploads.map(({ id }) => id));
  for (const id of ids) if (!known.has(id)) await removeFile(act.tenant, id);
  return uploads
    .filter(({ removed }) => !removed)
    .map((upload) => {
      const left = { ...upload, removed: true, clientId: null, dueAt: instant(act.now()) };
      return replaceUpload(act.tenant, upload, left);
    });
};

const isDue = (act: Act, { dueAt }: UploadRecord): boolean => dueAt !== null && dueAt <= instant(act.now());

/** Nobody may use it from here on; then its bytes go, and what is known about it last, so that nothing is forgotten half-way. */
const removeUnused = async (act: Act, upload: UploadRecord): Promise<void> => {
  const leaving = { ...upload, removed: true, revision: upload.revision + 1 };
  await commit(act.tenant, [replaceUpload(act.tenant, upload, leaving)]);
  await removeFile(act.tenant, upload.id);
  await commit(act.tenant, [removeUpload(act.tenant, leaving)]);
};

/** Removes an upload that nobody has used in time, and of one that is used what it was copied from. */
export const clearUpload = (act: Act, id: UploadId): Promise<void> =>
  untilUndisturbed(async () => {
    const upload = await findUpload(act.tenant, id);
    if (upload === undefined || !isDue(act, upload)) return;
    if (upload.clientId === null) return removeUnused(act, upload);
    await removeIncoming(act.tenant, id);
    await commit(act.tenant, [replaceUpload(act.tenant, upload, { ...upload, dueAt: null })]);
  });
