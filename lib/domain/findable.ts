import * as z from 'zod';
import type { Client, Contact } from '../contract/clients.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { ClientRecord } from './client.ts';
import type { MessageRecord } from './message.ts';
import type { NoteRecord } from './note.ts';
import { addressTerms, beginningTerms, documentTerms, keysOfTerms, phoneTerms, wordTerms } from './terms.ts';

/**
 * What is found together: clients by their profiles and public notes, clients by one author's private notes, messages.
 * The parts of a key.
 */
export const SpaceSchema = z.union([
  z.tuple([z.literal('CLIENT')]),
  z.tuple([z.literal('PNOTE'), z.string()]),
  z.tuple([z.literal('MESSAGE')]),
]);
export type Space = z.infer<typeof SpaceSchema>;

/** Where a document is posted: in which space, under which keys, and its place in the order, newest last. */
export interface Findable {
  readonly space: Space;
  readonly position: string;
  readonly keys: readonly string[];
}

const contactTerms = ({ type, value }: Contact): string[] => {
  switch (type) {
    case 'phone':
    case 'whatsapp':
      return phoneTerms(value);
    case 'email':
      return addressTerms(value);
    case 'telegram':
    case 'instagram':
    case 'website':
    case 'other':
      return beginningTerms(value);
  }
};

const given = (...values: readonly (string | null)[]): string[] => values.flatMap((value) => value ?? []);

/** A number as it is, what is true or false not at all. */
const customTerms = (fields: Client['customFields']): string[] =>
  Object.values(fields).flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? wordTerms(String(value)) : [],
  );

/** What finds a client: what matters most comes first. */
export const termsOfClient = (client: ClientRecord): ReadonlySet<string> =>
  new Set([
    ...given(client.firstName, client.lastName, client.middleName).flatMap(beginningTerms),
    ...given(client.phone).flatMap(phoneTerms),
    ...given(client.email).flatMap(addressTerms),
    ...given(client.pin, client.passportId).flatMap(documentTerms),
    ...client.tags.flatMap(beginningTerms),
    ...client.contacts.flatMap(contactTerms),
    ...given(client.comments, client.address).flatMap(wordTerms),
    ...customTerms(client.customFields),
  ]);

export const termsOfNote = ({ text }: NoteRecord): ReadonlySet<string> => new Set(wordTerms(text));

export const termsOfMessage = ({ text }: MessageRecord): ReadonlySet<string> => new Set(wordTerms(text));

export const findableClient = (client: ClientRecord): Findable | undefined =>
  client.state === 'active'
    ? { space: ['CLIENT'], position: client.id, keys: keysOfTerms(termsOfClient(client)) }
    : undefined;

/**
 * Whose is what stands in a collection? Its client's own; of one that was merged, its survivor's; of one that is erased,
 * nobody's.
 *
 * @param line the client whose collection it is, the one it was merged into, and so on
 */
export const ownerOf = (line: readonly ClientRecord[]): ClientId | undefined => {
  const last = line.at(-1);
  return last?.state === 'active' || last?.state === 'deleted' ? last.id : undefined;
};

/** Notes lead to their client: they stand beside it in the order. */
const BESIDE = '#';

/** To which client does a document at this position lead? */
export const clientAt = (position: string): ClientId => ClientIdSchema.parse(position.split(BESIDE)[0]);

/** @param owner the client that it is shown with */
export const findableNote = (note: NoteRecord, owner: ClientId): Findable => ({
  space: note.private ? ['PNOTE', note.authorId] : ['CLIENT'],
  position: `${owner}${BESIDE}${note.id}`,
  keys: keysOfTerms(termsOfNote(note)),
});

/** Also of a client that was deleted, and may come back. */
export const findableMessage = (message: MessageRecord, { state }: ClientRecord): Findable | undefined =>
  state === 'erased'
    ? undefined
    : { space: ['MESSAGE'], position: message.id, keys: keysOfTerms(termsOfMessage(message)) };
