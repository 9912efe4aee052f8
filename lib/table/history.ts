import type { HistoryEntry, HistoryKind } from '../contract/history.ts';
import type { ClientId, TenantId, UserId } from '../contract/vocabulary.ts';
import { ChangeEntrySchema, type ChangeEntry } from '../domain/change-entry.ts';
import { historyOf } from '../domain/history.ts';
import { NoteRecordSchema } from '../domain/note.ts';
import { getClient } from './clients.ts';
import { interactionsIn } from './interactions.ts';
import { changesOf, changeKey, clientCollection, clientKey, NOTE, privateNotesOf } from './keys.ts';
import { distinctById, newestFirst, type Source } from './merged.ts';
import { messagesIn } from './messages.ts';
import type { Page, Paged } from './page.ts';
import { pageOfThread } from './thread.ts';
import { check, commit, put } from './transaction.ts';

/** There is no client any more whose history this would be. */
class ClientErased extends Error {
  override name = 'ClientErased';
}

/**
 * Keeps what was changed of a client; what is kept already stays as it is, since it follows from its event. Nothing is
 * written of a client that is erased. One transaction.
 */
export const writeChanges = async (
  tenant: TenantId,
  clientId: ClientId,
  entries: readonly ChangeEntry[],
): Promise<void> => {
  const isThere = check(
    clientKey(tenant, clientId),
    {
      expression: 'attribute_exists(pk) AND #state <> :erased',
      names: { '#state': 'state' },
      values: { ':erased': 'erased' },
    },
    () => new ClientErased('The client is erased.'),
  );
  const puts = distinctById(entries).map((entry) =>
    put({ ...changeKey(tenant, clientId, entry.kind, entry.id), ...entry }),
  );
  await commit(tenant, [isThere, ...puts]).catch((error: unknown) => {
    if (!(error instanceof ClientErased)) throw error;
  });
};

const mapped =
  <From, To>(source: Source<From>, map: (item: From) => To): Source<To> =>
  async (before, limit) => {
    const { items, reachedTo } = await source(before, limit);
    return { items: items.map(map), reachedTo };
  };

interface HistoryFilter {
  readonly kinds: readonly HistoryKind[];
  /** Whose private notes are shown. */
  readonly reader: UserId;
  readonly now: Date;
}

/** The lists of a collection that a kind of entry is in. */
const sourcesOf =
  (tenant: TenantId, clientId: ClientId, { reader, now }: HistoryFilter) =>
  (home: ClientId, kind: HistoryKind): Source<HistoryEntry>[] => {
    const pk = clientCollection(tenant, home);
    const show = historyOf(clientId, now);
    const changes = mapped(
      newestFirst(tenant, pk, changesOf(kind), ChangeEntrySchema, { kind: 'history' }),
      show.change,
    );
    switch (kind) {
      case 'message':
        return messagesIn(tenant)(home).map((source) => mapped(source, show.message));
      case 'note':
        return [NOTE, privateNotesOf(reader)].map((prefix) =>
          mapped(newestFirst(tenant, pk, prefix, NoteRecordSchema, { kind: 'notes' }), show.note),
        );
      case 'interaction':
        return [mapped(interactionsIn(tenant, home), show.interaction), changes];
      case 'profile':
      case 'status':
      case 'tag':
        return [changes];
    }
  };

/**
 * What happened with this client, newest first? One read of the client, side by side with the queries of its own
 * collection: one for each kind, two for notes and interactions. As many again for each collection that it absorbed.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const listHistory = async (
  tenant: TenantId,
  id: ClientId,
  filter: HistoryFilter,
  page: Page,
): Promise<Paged<HistoryEntry>> => {
  const kinds = [...new Set(filter.kinds)].toSorted();
  const sources = sourcesOf(tenant, id, filter);
  const { items, nextCursor } = await pageOfThread(
    tenant,
    `history:${JSON.stringify([id, filter.reader, kinds])}`,
    {
      id,
      absorbed: getClient(tenant, id).then(({ absorbed }) => absorbed),
      sourcesIn: (home) => kinds.flatMap((kind) => sources(home, kind)),
      positionOf: (entry) => entry.id,
    },
    page,
  );
  return { items: distinctById(items), nextCursor };
};
