import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { findableClient, findableMessage, findableNote, ownerOf } from '../domain/findable.ts';
import {
  findLine,
  findMessageAndHome,
  findNoteAt,
  sameLine,
  sameNote,
  stillThere,
  type Document,
} from '../table/documents.ts';
import { CLIENT, clientListing, messageKey, messageListing, noteListing } from '../table/keys.ts';
import { findListing, notesLeadingElsewhere, relist } from '../table/listings.ts';
import { untilUndisturbed } from '../table/transaction.ts';

/** Whether to write also what is listed as posted already: it may have been lost. */
interface Thoroughness {
  readonly anew: boolean;
}

type Of<Kind> = Extract<Document, { kind: Kind }>;

/**
 * Posts a client as it is now. Two reads and one transaction; what was posted is read before what is posted anew, so that
 * nobody writes what is older than what it replaces.
 *
 * Whoever was merged, or is alone again, has its notes posted under the client that they lead to now.
 */
const indexClient = async (tenant: TenantId, { home }: Of<'client'>, { anew }: Thoroughness): Promise<void> => {
  const before = await findListing(tenant, home, clientListing);
  const line = await findLine(tenant, home);
  const ownerId = ownerOf(line) ?? null;
  if (ownerId !== null && ownerId !== (before?.ownerId ?? home)) await redirectNotes(tenant, home, ownerId);
  const findable = line[0] && findableClient(line[0]);
  await relist(tenant, {
    home,
    name: clientListing,
    before,
    findable: findable && { ...findable, document: CLIENT },
    ownerId,
    still: sameLine(tenant, home, line),
    anew,
  });
};

/** Whoever comes after a crash, or when time was short, has only those left that were not done. */
const redirectNotes = async (tenant: TenantId, home: ClientId, ownerId: ClientId): Promise<void> => {
  const notes = await notesLeadingElsewhere(tenant, home, ownerId);
  for (const note of notes) await indexDocument(tenant, { kind: 'note', home, ...note });
};

/** Posts a note as it is now, public or private. Three reads and one transaction. */
const indexNote = async (tenant: TenantId, { home, id, places }: Of<'note'>, { anew }: Thoroughness): Promise<void> => {
  const name = noteListing(id);
  const before = await findListing(tenant, home, name);
  const everywhere = [...new Set([...places, ...(before?.posted ?? []).map(({ document }) => document)])];
  const [line, found] = await Promise.all([findLine(tenant, home), findNoteAt(tenant, home, everywhere)]);
  const owner = ownerOf(line);
  await relist(tenant, {
    home,
    name,
    before,
    findable: found && owner && { ...findableNote(found.note, owner), document: found.document },
    ownerId: null,
    still: [...sameLine(tenant, home, line), ...sameNote(tenant, home, everywhere, found)],
    anew,
  });
};

/** Posts a message. Two reads and one transaction, once: what it says never changes. */
const indexMessage = async (tenant: TenantId, { home, id }: Of<'message'>, { anew }: Thoroughness): Promise<void> => {
  const name = messageListing(id);
  const before = await findListing(tenant, home, name);
  const { message, client } = await findMessageAndHome(tenant, home, id);
  const findable = message && client && findableMessage(message, client);
  await relist(tenant, {
    home,
    name,
    before,
    findable: findable && { ...findable, document: messageKey(tenant, home, id).sk },
    ownerId: null,
    still: findable === undefined ? [] : stillThere(tenant, home, id),
    anew,
  });
};

const indexOnce = (tenant: TenantId, document: Document, thoroughness: Thoroughness): Promise<void> => {
  switch (document.kind) {
    case 'client':
      return indexClient(tenant, document, thoroughness);
    case 'note':
      return indexNote(tenant, document, thoroughness);
    case 'message':
      return indexMessage(tenant, document, thoroughness);
  }
};

/** Posts a document under the words that find it, as it is now, or takes it from under those that found it. */
export const indexDocument = (
  tenant: TenantId,
  document: Document,
  thoroughness: Thoroughness = { anew: false },
): Promise<void> => untilUndisturbed(() => indexOnce(tenant, document, thoroughness));
