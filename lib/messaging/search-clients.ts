import type { ClientId, TenantId, UserId } from '../contract/vocabulary.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { clientAt, termsOfClient, termsOfNote } from '../domain/findable.ts';
import { NoteRecordSchema } from '../domain/note.ts';
import { isFound, parseSearch, type Wanted } from '../domain/search-query.ts';
import { homesOf } from '../table/legal-holds.ts';
import { CLIENT, clientCollection, clientKey, type Key } from '../table/keys.ts';
import type { Page, Paged } from '../table/page.ts';
import { readTogether } from '../table/read-together.ts';
import { postingsOf, type Posting } from '../table/postings.ts';
import { oldestShownId } from '../table/retained.ts';
import { hunt } from './search.ts';

/** Who searches, and for what. */
interface Query {
  readonly tenant: TenantId;
  readonly reader: UserId;
  readonly wanted: readonly Wanted[];
  /** The first id of the notes that are still shown. */
  readonly oldest: string;
}

const isShown = (item: unknown, { reader, wanted, oldest }: Query): boolean => {
  const note = NoteRecordSchema.safeParse(item);
  if (!note.success || note.data.id < oldest) return false;
  return (!note.data.private || note.data.authorId === reader) && isFound(termsOfNote(note.data), wanted);
};

/** Has the client itself all that is wanted, or the note that led to it? */
const leadsTo = (client: ClientRecord, posting: Posting, note: unknown, query: Query): boolean =>
  posting.document === CLIENT
    ? isFound(termsOfClient(client), query.wanted)
    : homesOf(client).includes(posting.home) && isShown(note, query);

const look = (query: Query) => async (postings: readonly Posting[]) => {
  const { tenant } = query;
  const clientOf = ({ sk }: Posting): Key => clientKey(tenant, clientAt(sk));
  const documentOf = ({ home, document }: Posting): Key => ({ pk: clientCollection(tenant, home), sk: document });
  const read = await readTogether(
    tenant,
    postings.flatMap((posting) => [clientOf(posting), documentOf(posting)]),
  );
  return (posting: Posting): ClientRecord | undefined => {
    const item = read(clientOf(posting));
    if (item === undefined) return undefined;
    const client = ClientRecordSchema.parse(item);
    if (client.state !== 'active') return undefined;
    return leadsTo(client, posting, read(documentOf(posting)), query) ? client : undefined;
  };
};

/**
 * Which clients have all these words, each in its profile or in a note that this user may see, newest first? Two queries
 * for each word, side by side, and one read, when what is found fits into a round.
 *
 * @throws Failure `search.empty`, `search.limit`, `cursor.invalid`
 */
export const searchClients = async (
  tenant: TenantId,
  reader: UserId,
  text: string,
  page: Page,
): Promise<Paged<ClientRecord>> => {
  const wanted = parseSearch(text);
  const oldest = await oldestShownId(tenant, 'notes');
  return hunt(
    tenant,
    {
      name: `search-clients:${JSON.stringify([reader, text])}`,
      wanted,
      spaces: [(key) => [postingsOf(tenant, ['CLIENT'], key)], (key) => [postingsOf(tenant, ['PNOTE', reader], key)]],
      look: look({ tenant, reader, wanted, oldest }),
      // Whatever else leads to a client stands behind its id, so that it is found once.
      after: ({ sk }): ClientId => clientAt(sk),
    },
    page,
  );
};
