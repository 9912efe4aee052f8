import type { ChatId, ClientId, TenantId } from '../contract/vocabulary.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { termsOfMessage } from '../domain/findable.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { idAt } from '../domain/retention.ts';
import { isFound, parseSearch, type Wanted } from '../domain/search-query.ts';
import { homesOf } from '../table/legal-holds.ts';
import { getClient } from '../table/clients.ts';
import { findLine } from '../table/documents.ts';
import { clientCollection, clientKey, type Key } from '../table/keys.ts';
import type { Page, Paged } from '../table/page.ts';
import { readTogether } from '../table/read-together.ts';
import { postingsOf, postingsOfChat, type Posting } from '../table/postings.ts';
import { oldestShownId } from '../table/retained.ts';
import { hunt } from './search.ts';

interface MessageFilter {
  readonly chatId?: ChatId | undefined;
  /** Instants, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Ids are made beside a message's time, not of it. */
const SLACK_MS = 60_000;

const isWithin = ({ createdAt }: MessageRecord, { from = '', to = '~' }: MessageFilter): boolean =>
  createdAt >= from && createdAt <= to;

/** Whose chat shows what stands in these collections: their clients', or those they were merged into. */
const ownersOf = async (
  tenant: TenantId,
  homes: readonly ClientRecord[],
): Promise<(home: ClientId) => ClientRecord | undefined> => {
  const owners = await Promise.all(
    homes.map(async (home) => {
      const owner = home.state === 'absorbed' ? (await findLine(tenant, home.id)).at(-1) : home;
      return owner?.state === 'active' && homesOf(owner).includes(home.id) ? [[home.id, owner] as const] : [];
    }),
  );
  const known = new Map(owners.flat());
  return (home) => known.get(home);
};

const look =
  (tenant: TenantId, wanted: readonly Wanted[], filter: MessageFilter) => async (postings: readonly Posting[]) => {
    const documentOf = ({ home, document }: Posting): Key => ({ pk: clientCollection(tenant, home), sk: document });
    const homes = [...new Set(postings.map(({ home }) => home))].map((home) => clientKey(tenant, home));
    const read = await readTogether(tenant, [...homes, ...postings.map(documentOf)]);
    const clients = homes.flatMap((key) => ClientRecordSchema.safeParse(read(key)).data ?? []);
    const ownerOf = await ownersOf(tenant, clients);
    return (posting: Posting): MessageRecord | undefined => {
      const [item, owner] = [read(documentOf(posting)), ownerOf(posting.home)];
      if (item === undefined || owner === undefined) return undefined;
      const message = MessageRecordSchema.parse(item);
      if (!isWithin(message, filter) || !isFound(termsOfMessage(message), wanted)) return undefined;
      return { ...message, chatId: owner.id, clientId: owner.id };
    };
  };

/**
 * Which messages have all these words, newest first; in one chat, from and up to a time if asked? A query for each word,
 * side by side, and one read, when what is found fits into a round. In one chat: its client is read before, and there is a
 * query for each client that was merged into it.
 *
 * @throws Failure `search.empty`, `search.limit`, `cursor.invalid`; `resource.not-found`, `client.absorbed` of the chat
 */
export const searchMessages = async (
  tenant: TenantId,
  text: string,
  filter: MessageFilter,
  page: Page,
): Promise<Paged<MessageRecord>> => {
  const { chatId, from, to } = filter;
  const wanted = parseSearch(text);
  const oldest = await oldestShownId(tenant, 'messages');
  const earliest = from === undefined ? '' : idAt(Date.parse(from) - SLACK_MS);
  const homes = chatId === undefined ? undefined : homesOf(await getClient(tenant, chatId));
  return hunt(
    tenant,
    {
      name: `search-messages:${JSON.stringify([text, chatId, from, to])}`,
      wanted,
      spaces: [
        (key) => homes?.map((home) => postingsOfChat(tenant, home, key)) ?? [postingsOf(tenant, ['MESSAGE'], key)],
      ],
      from: earliest > oldest ? earliest : oldest,
      before: to && idAt(Date.parse(to) + SLACK_MS),
      look: look(tenant, wanted, filter),
      after: ({ sk }) => sk,
    },
    page,
  );
};
