import type { ChannelId, ClientId, InteractionId, JobId, MessageId, NoteId, TemplateId, TenantId, UserId } from '../contract/vocabulary.ts';
import type { Identity } from '../domain/identity.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** `#` separates the parts of a key, so no part may hold one. */
const part = (value: string): string => value.replaceAll('%', '%25').replaceAll('#', '%23');

/** What every key of a tenant begins with. */
export const tenantPrefix = (tenant: TenantId): string => `T#${tenant}#`;

const within = (tenant: TenantId, ...parts: readonly string[]): string => `T#${tenant}#${parts.map(part).join('#')}`;

/** All that belongs to a client: profile, chat, members, messages, and the events about them. */
export const clientCollection = (tenant: TenantId, clientId: ClientId): string => within(tenant, 'CLIENT', clientId);

export const CLIENT = '#CLIENT';
export const CHAT = '#CHAT';
export const MEMBER = '#MEMBER#';
export const MESSAGE = 'MESSAGE#';
export const NOTE = 'NOTE#';
export const INTERACTION = 'INTERACTION#';
/** The stream hands on what begins with this, and nothing else. */
export const OUTBOX = 'EVENT#';

export const clientKey = (tenant: TenantId, id: ClientId): Key => ({ pk: clientCollection(tenant, id), sk: CLIENT });
export const chatKey = (tenant: TenantId, id: ClientId): Key => ({ pk: clientCollection(tenant, id), sk: CHAT });
export const messageKey = (tenant: TenantId, chatId: ClientId, id: MessageId): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${MESSAGE}${id}`,
});
export const memberKey = (tenant: TenantId, chatId: ClientId, memberId: string): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${MEMBER}${part(memberId)}`,
});

export const noteKey = (tenant: TenantId, clientId: ClientId, id: NoteId): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${NOTE}${id}`,
});
/** A private note's key names its author: whoever does not ask as its author cannot come upon it. */
export const privateNotesOf = (author: UserId): string => `PNOTE#${part(author)}#`;
export const privateNoteKey = (tenant: TenantId, clientId: ClientId, author: UserId, id: NoteId): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${privateNotesOf(author)}${id}`,
});
export const interactionKey = (tenant: TenantId, clientId: ClientId, id: InteractionId): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${INTERACTION}${id}`,
});
/** What is planned and not completed, by the time it is due. */
export const interactionsDue = (tenant: TenantId): string => within(tenant, 'INTERACTIONS_DUE');
export const interactionsDueOf = (tenant: TenantId, userId: UserId): string =>
  within(tenant, 'INTERACTIONS_DUE', userId);

export const clientsByAge = (tenant: TenantId): string => within(tenant, 'CLIENTS');
export const clientsByName = (tenant: TenantId): string => within(tenant, 'CLIENTS_BY_NAME');
/** The trailing 0 is room for splitting a very large tenant's list over several index partitions. */
export const inbox = (tenant: TenantId, status: string): string => within(tenant, 'INBOX', status, '0');
export const unreadChats = (tenant: TenantId): string => within(tenant, 'UNREAD', '0');
export const assignedChats = (tenant: TenantId, userId: string): string => within(tenant, 'ASSIGNEE', userId);
export const unreadMessages = (tenant: TenantId, chatId: ClientId): string =>
  within(tenant, 'CLIENT', chatId, 'UNREAD');

export const identityKey = (tenant: TenantId, { kind, value }: Identity): Key => ({
  pk: within(tenant, 'IDENTITY', kind, value),
  sk: 'IDENTITY',
});

/** What a provider calls something that we have seen: an update, a message. */
export const referenceKey = (tenant: TenantId, channelId: ChannelId, providerId: string): Key => ({
  pk: within(tenant, 'REF', channelId, providerId),
  sk: 'REF',
});

export const channels = (tenant: TenantId): string => within(tenant, 'CHANNEL');
export const channelKey = (tenant: TenantId, id: ChannelId): Key => ({ pk: channels(tenant), sk: `CHANNEL#${id}` });

export const TEMPLATE = 'TEMPLATE#';
export const templates = (tenant: TenantId): string => within(tenant, 'TEMPLATE');
export const templateKey = (tenant: TenantId, id: TemplateId): Key => ({
  pk: templates(tenant),
  sk: `${TEMPLATE}${id}`,
});

export const settingsKey = (tenant: TenantId): Key => ({ pk: within(tenant, 'SETTINGS'), sk: 'SETTINGS' });

export const idempotencyKey = (tenant: TenantId, digest: string): Key => ({
  pk: within(tenant, 'IDEMPOTENCY', digest),
  sk: 'IDEMPOTENCY',
});

export const auditDay = (tenant: TenantId, day: string): string => within(tenant, 'AUDIT', day);
export const auditTrail = (tenant: TenantId): string => within(tenant, 'AUDIT');
export const auditOfSubject = (tenant: TenantId, id: string): string => within(tenant, 'AUDIT', 'SUBJECT', id);
export const auditOfActor = (tenant: TenantId, id: string): string => within(tenant, 'AUDIT', 'ACTOR', id);

export const jobKey = (tenant: TenantId, id: JobId): Key => ({ pk: within(tenant, 'JOB', id), sk: 'JOB' });
export const jobsOfKind = (tenant: TenantId, kind: string): string => within(tenant, 'JOBS', kind);

export const deadLetters = (tenant: TenantId): string => within(tenant, 'DEADLETTER');

/** Webhook routes are read before the tenant is known; they say which it is. */
export const ROUTE = 'ROUTE#';
export const routeKey = (...parts: readonly string[]): Key => ({
  pk: `${ROUTE}${parts.map(part).join('#')}`,
  sk: 'ROUTE',
});

export const DUE = 'DUE#';
export const DUE_SHARDS = 8;

/**
 * Which partition of the due index an id falls into: its last hexadecimal digit is random. Messages fall where their chat
 * does, so that they are found in order.
 */
export const dueShard = (id: string): string => `${DUE}${Number.parseInt(id.slice(-1), 16) % DUE_SHARDS}`;

/** Whose item it is, read back from its key. */
export const tenantOfKey = (pk: string): string | undefined => /^T#([a-z0-9-]{1,64})#/.exec(pk)?.[1];
