import {
  ClientIdSchema,
  MessageIdSchema,
  NoteIdSchema,
  type ClientId,
  type MessageId,
  type NoteId,
  type TenantId,
} from '../contract/vocabulary.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { NoteRecordSchema, type NoteRecord } from '../domain/note.ts';
import { getTogether } from './client.ts';
import { findClient } from './clients.ts';
import {
  CLIENT,
  clientCollection,
  clientKey,
  clientListing,
  homeOfKey,
  messageKey,
  messageListing,
  noteKey,
  noteListing,
  privateNoteKey,
  TERMS,
  type Key,
} from './keys.ts';
import { absent, check, unchanged, type Step } from './transaction.ts';

/** Survivors are merged again, but nobody is merged with itself. */
const MOST_MERGES = 20;

/** Whose collection is this, into whom was that client merged, and that one? One read for each. */
export const findLine = async (tenant: TenantId, home: ClientId): Promise<ClientRecord[]> => {
  const line: ClientRecord[] = [];
  for (let next: ClientId | null = home; next !== null && line.length < MOST_MERGES;) {
    const client: ClientRecord | undefined = await findClient(tenant, next);
    if (client === undefined) return line;
    line.push(client);
    next = client.state === 'absorbed' ? client.survivorId : null;
  }
  return line;
};

/** Nothing of that has changed. */
export const sameLine = (tenant: TenantId, home: ClientId, line: readonly ClientRecord[]): Step[] =>
  line.length === 0
    ? [check(clientKey(tenant, home), absent)]
    : line.map(({ id, revision }) => check(clientKey(tenant, id), unchanged(revision)));

/** What may be found by its words, and in whose collection it stands. Of a note also under which sort keys it may stand there. */
export type Document =
  | { readonly kind: 'client'; readonly home: ClientId }
  | { readonly kind: 'note'; readonly home: ClientId; readonly id: NoteId; readonly places: readonly string[] }
  | { readonly kind: 'message'; readonly home: ClientId; readonly id: MessageId };

export const noteDocument = (
  tenant: TenantId,
  { clientId: home, id, authorId }: Pick<NoteRecord, 'clientId' | 'id' | 'authorId'>,
): Document => ({
  kind: 'note',
  home,
  id,
  places: [noteKey(tenant, home, id).sk, privateNoteKey(tenant, home, authorId, id).sk],
});

const PLACE = /^(?:#CLIENT|(?<kind>NOTE|PNOTE#[^#]+|MESSAGE)#(?<id>[^#]+))$/;

/** Which document stands there? */
export const documentAt = (home: ClientId, sk: string): Document | undefined => {
  const found = PLACE.exec(sk);
  if (found === null) return undefined;
  const { kind, id } = found.groups ?? {};
  if (kind === undefined) return { kind: 'client', home };
  if (kind === 'MESSAGE') return { kind: 'message', home, id: MessageIdSchema.parse(id) };
  return { kind: 'note', home, id: NoteIdSchema.parse(id), places: [sk] };
};

/** Which document stands under this key, or is listed under it? */
export const documentOfKey = ({ pk, sk }: Key): Document | undefined => {
  const home = ClientIdSchema.safeParse(homeOfKey(pk));
  if (!home.success) return undefined;
  const listed = sk.startsWith(TERMS) ? sk.slice(TERMS.length) : sk;
  return documentAt(home.data, listed === clientListing ? CLIENT : listed);
};

export interface NoteDocument {
  readonly document: string;
  readonly note: NoteRecord;
}

/** Which note stands at one of these places? One read. */
export const findNoteAt = async (
  tenant: TenantId,
  home: ClientId,
  documents: readonly string[],
): Promise<NoteDocument | undefined> => {
  const pk = clientCollection(tenant, home);
  const [item] = await getTogether(
    tenant,
    documents.map((sk) => ({ pk, sk })),
  );
  return item && { document: String(item.sk), note: NoteRecordSchema.parse(item) };
};

/** It still stands there as it was read; or, if none did, none does. */
export const sameNote = (
  tenant: TenantId,
  home: ClientId,
  documents: readonly string[],
  found: NoteDocument | undefined,
): Step[] => {
  const pk = clientCollection(tenant, home);
  return found === undefined
    ? documents.map((sk) => check({ pk, sk }, absent))
    : [check({ pk, sk: found.document }, unchanged(found.note.revision))];
};

interface MessageAndHome {
  readonly message: MessageRecord | undefined;
  readonly client: ClientRecord | undefined;
}

/** Which message is it, and whose? One read of two items. */
export const findMessageAndHome = async (tenant: TenantId, home: ClientId, id: MessageId): Promise<MessageAndHome> => {
  const items = await getTogether(tenant, [messageKey(tenant, home, id), clientKey(tenant, home)]);
  const client = items.find(({ sk }) => sk === CLIENT);
  const message = items.find(({ sk }) => sk !== CLIENT);
  return { message: message && MessageRecordSchema.parse(message), client: client && ClientRecordSchema.parse(client) };
};

/** The message is still there, and its client is not erased. What it says never changes. */
export const stillThere = (tenant: TenantId, home: ClientId, id: MessageId): Step[] => [
  check(messageKey(tenant, home, id), { expression: 'attribute_exists(pk)' }),
  check(clientKey(tenant, home), {
    expression: 'attribute_exists(pk) AND #state <> :erased',
    names: { '#state': 'state' },
    values: { ':erased': 'erased' },
  }),
];

/** What is this document called in the listings of its collection? */
export const listingNameOf = (document: Document): string => {
  switch (document.kind) {
    case 'client':
      return clientListing;
    case 'note':
      return noteListing(document.id);
    case 'message':
      return messageListing(document.id);
  }
};
