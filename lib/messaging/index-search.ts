import { ClientIdSchema, MessageIdSchema, type TenantId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { findClient } from '../table/clients.ts';
import { noteDocument, type Document } from '../table/documents.ts';
import { indexDocument } from './index-documents.ts';

/** What becomes of a message after it was announced changes nothing of what it says. */
const isNews = ({ type }: DomainEvent): boolean => type === 'MessageReceived' || type === 'MessageQueued';

/** What an event is about. It is a hint: all of it is read again. */
const documentsOf = (event: DomainEvent): Document[] => {
  const { data, subject, tenantId } = event;
  if ('authorId' in data) return [noteDocument(tenantId, data)];
  if (isNews(event) && 'chatId' in data) {
    return [{ kind: 'message', home: data.chatId, id: MessageIdSchema.parse(subject.id) }];
  }
  if (subject.type !== 'client') return [];
  const ids = [ClientIdSchema.parse(subject.id), ...('absorbedId' in data ? [data.absorbedId] : [])];
  return ids.map((home) => ({ kind: 'client', home }));
};

/** Whoever was merged into a client belongs to it: what stands in their collections is found through it. */
const withAbsorbed = async (tenant: TenantId, document: Document): Promise<Document[]> => {
  if (document.kind !== 'client') return [document];
  const client = await findClient(tenant, document.home);
  return [document, ...(client?.absorbed ?? []).map((home) => ({ kind: 'client' as const, home }))];
};

/** Posts what these events of one tenant are about, each document once, side by side. */
export const indexSearchOf = async (tenant: TenantId, events: readonly DomainEvent[]): Promise<void> => {
  const named = await Promise.all(events.flatMap(documentsOf).map((document) => withAbsorbed(tenant, document)));
  const distinct = new Map(named.flat().map((document) => [JSON.stringify(document), document]));
  const outcomes = await Promise.allSettled([...distinct.values()].map((document) => indexDocument(tenant, document)));
  const failed = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failed.length > 0) throw new AggregateError(failed, `${failed.length} documents could not be posted.`);
};
