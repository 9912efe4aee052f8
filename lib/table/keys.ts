import { createHash } from 'node:crypto';
import type {
  ChannelId,
  ClientId,
  ErasureId,
  ImportId,
  InteractionId,
  JobId,
  MergeId,
  MessageId,
  NoteId,
  SegmentId,
  TemplateId,
  TenantId,
  UploadId,
  UserId,
} from '../contract/vocabulary.ts';
import type { Identity } from '../domain/identity.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** `#` separates the parts of a key, so no part may hold one. */
export const part = (value: string): string => value.replaceAll('%', '%25').replaceAll('#', '%23');

/** What every key of a tenant begins with. */
export const tenantPrefix = (tenant: TenantId): string => `T#${tenant}#`;

export const within = (tenant: TenantId, ...parts: readonly string[]): string =>
  `T#${tenant}#${parts.map(part).join('#')}`;

/** All that belongs to a client: profile, chat, members, messages, and the events about them. */
export const clientCollection = (tenant: TenantId, clientId: ClientId): string => within(tenant, 'CLIENT', clientId);

export const CLIENT = '#CLIENT';
export const CHAT = '#CHAT';
export const MEMBER = '#MEMBER#';
export const MEMBER_TRANSPORT = '#MEMBERVIA#';
/** What both of them begin with, and nothing else. */
export const MEMBERS = '#MEMBER';
export const MESSAGE = 'MESSAGE#';
/** A message that waits for its time, or waited for it. */
export const SCHEDULED = 'SCHEDULED#';
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
export const scheduledKey = (tenant: TenantId, chatId: ClientId, id: MessageId): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${SCHEDULED}${id}`,
});
export const memberKey = (tenant: TenantId, chatId: ClientId, memberId: string): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${MEMBER}${part(memberId)}`,
});
/** What a provider knows of a member, beside who it is. */
export const memberTransportKey = (
  tenant: TenantId,
  chatId: ClientId,
  memberId: string,
  { transport, channelId }: { readonly transport: string; readonly channelId: ChannelId | null },
): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${MEMBER_TRANSPORT}${part(memberId)}#${transport}#${channelId ?? ''}`,
});

export const noteKey = (tenant: TenantId, clientId: ClientId, id: NoteId): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${NOTE}${id}`,
});
export const PRIVATE_NOTE = 'PNOTE#';
/** A private note's key names its author: whoever does not ask as its author cannot come upon it. */
export const privateNotesOf = (author: UserId): string => `${PRIVATE_NOTE}${part(author)}#`;
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

/** Stands among the heads: it is read with them, and no list of anything holds it. */
export const legalHoldKey = (tenant: TenantId, clientId: ClientId): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: '#HOLD',
});
export const EXPORT = 'EXPORT#';
/** The latest export of a client that a user asked for. */
export const exportKey = (tenant: TenantId, clientId: ClientId, userId: string): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${EXPORT}${part(userId)}`,
});
export const ANSWER = 'ANSWER#';
/** Leads from a client to an answer about it that is kept for a repeated request. */
export const answerKey = (tenant: TenantId, clientId: ClientId, digest: string): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${ANSWER}${digest}`,
});

/** The receipts of erasures, which outlive what was erased. */
export const erasures = (tenant: TenantId): string => within(tenant, 'ERASURE');
export const erasureKey = (tenant: TenantId, id: ErasureId): Key => ({ pk: erasures(tenant), sk: `ERASURE#${id}` });

export const TERMS = 'TERMS#';
/** What documents are called in the listings of their collection, wherever there they stand. */
export const clientListing = 'CLIENT';
export const noteListing = (id: NoteId): string => `${NOTE}${id}`;
export const messageListing = (id: MessageId): string => `${MESSAGE}${id}`;
/** What is posted of a document for searches to find it, beside the document. */
export const listingKey = (tenant: TenantId, home: ClientId, document: string): Key => ({
  pk: clientCollection(tenant, home),
  sk: `${TERMS}${document}`,
});
/** Which documents of a space have this term? */
export const postings = (tenant: TenantId, space: readonly string[], term: string): string =>
  within(tenant, 'TERM', ...space, term);
export const isPosting = ({ pk }: Pick<Key, 'pk'>): boolean => /^T#[^#]+#TERM#/.test(pk);
export const postingsInChat = (tenant: TenantId, chatId: ClientId, term: string): string =>
  within(tenant, 'CLIENT', chatId, 'TERM', term);

export const MERGE = 'MERGE#';
export const mergeKey = (tenant: TenantId, survivorId: ClientId, id: MergeId): Key => ({
  pk: clientCollection(tenant, survivorId),
  sk: `${MERGE}${id}`,
});

export const CHANGE = 'CHANGE#';
/** What was changed of a client, by kind; an event's id (UUIDv7) says when. */
export const changesOf = (kind: string): string => `${CHANGE}${part(kind)}#`;
export const changeKey = (tenant: TenantId, clientId: ClientId, kind: string, eventId: string): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${changesOf(kind)}${eventId}`,
});

export const clientsByAge = (tenant: TenantId): string => within(tenant, 'CLIENTS');
export const deletedClients = (tenant: TenantId): string => within(tenant, 'CLIENTS_DELETED');
export const clientsByName = (tenant: TenantId): string => within(tenant, 'CLIENTS_BY_NAME');
/** The trailing 0 is room for splitting a very large tenant's list over several index partitions. */
export const inbox = (tenant: TenantId, status: string): string => within(tenant, 'INBOX', status, '0');
export const unreadChats = (tenant: TenantId): string => within(tenant, 'UNREAD', '0');
export const assignedChats = (tenant: TenantId, userId: string): string => within(tenant, 'ASSIGNEE', userId);
/** Those that nobody has. */
export const unassignedChats = (tenant: TenantId): string => within(tenant, 'UNASSIGNED', '0');
export const unreadMessages = (tenant: TenantId, chatId: ClientId): string =>
  within(tenant, 'CLIENT', chatId, 'UNREAD');

export const identityKey = (tenant: TenantId, { kind, value }: Identity): Key => ({
  pk: within(tenant, 'IDENTITY', kind, value),
  sk: 'IDENTITY',
});

/**
 * What a provider calls something that we have seen: an update, a message. Hashed, because such a name may hold a person's
 * account, and the key outlives what is erased.
 */
export const referenceKey = (tenant: TenantId, channelId: ChannelId, providerId: string): Key => ({
  pk: within(tenant, 'REF', channelId, createHash('sha256').update(providerId).digest('hex')),
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

export const customFields = (tenant: TenantId): string => within(tenant, 'CUSTOMFIELD');
export const CUSTOM_FIELD = 'CUSTOMFIELD#';
/** By name, so that two of one name cannot be. @param name folded */
export const customFieldKey = (tenant: TenantId, name: string): Key => ({
  pk: customFields(tenant),
  sk: `${CUSTOM_FIELD}${part(name)}`,
});
export const customFieldCountKey = (tenant: TenantId): Key => ({ pk: customFields(tenant), sk: '#COUNT' });

export const settingsKey = (tenant: TenantId): Key => ({ pk: within(tenant, 'SETTINGS'), sk: 'SETTINGS' });

/** What is written of a client outside its collection, and when time alone can next change it. */
export const ROWS = 'ROWS';
export const rowsKey = (tenant: TenantId, id: ClientId): Key => ({ pk: clientCollection(tenant, id), sk: ROWS });

/** @param tag folded */
export const clientsByTag = (tenant: TenantId, tag: string): string => within(tenant, 'TAG', tag);
export const tagRowKey = (tenant: TenantId, tag: string, clientId: ClientId): Key => ({
  pk: clientsByTag(tenant, tag),
  sk: clientId,
});
export const tagCounts = (tenant: TenantId): string => within(tenant, 'TAGS');
export const tagCountKey = (tenant: TenantId, tag: string): Key => ({ pk: tagCounts(tenant), sk: tag });

export const SEGMENT = 'SEGMENT#';
export const segments = (tenant: TenantId): string => within(tenant, 'SEGMENTS');
export const segmentKey = (tenant: TenantId, id: SegmentId): Key => ({ pk: segments(tenant), sk: `${SEGMENT}${id}` });
export const segmentTotalKey = (tenant: TenantId): Key => ({ pk: segments(tenant), sk: 'TOTAL' });
export const segmentStateKey = (tenant: TenantId, id: SegmentId): Key => ({
  pk: within(tenant, 'SEGMENT_STATE', id),
  sk: 'STATE',
});
export const segmentNameKey = (tenant: TenantId, foldedName: string): Key => ({
  pk: within(tenant, 'SEGMENT_NAME', foldedName),
  sk: 'NAME',
});
export const segmentMembers = (tenant: TenantId, id: SegmentId): string => within(tenant, 'SEGMENT', id);
export const membersOf = (generation: number): string => `${generation}#`;
export const segmentMemberKey = (tenant: TenantId, id: SegmentId, generation: number, clientId: ClientId): Key => ({
  pk: segmentMembers(tenant, id),
  sk: `${membersOf(generation)}${clientId}`,
});

export const IMPORT = 'IMPORT#';
export const imports = (tenant: TenantId): string => within(tenant, 'IMPORTS');
export const importKey = (tenant: TenantId, id: ImportId): Key => ({ pk: imports(tenant), sk: `${IMPORT}${id}` });

/** One run of an import. */
export interface ImportRun {
  readonly id: ImportId;
  readonly run: number;
}
export const IMPORT_ROW = 'ROW#';
export const importRun = (tenant: TenantId, { id, run }: ImportRun): string =>
  within(tenant, 'IMPORT', id, 'RUN', String(run));
export const importRunWith = (tenant: TenantId, { id, run }: ImportRun, outcome: string): string =>
  within(tenant, 'IMPORT', id, 'RUN', String(run), outcome);
/** Rows sort by their number. */
export const rowNumber = (row: number): string => String(row).padStart(8, '0');
export const importRowKey = (tenant: TenantId, run: ImportRun, row: number): Key => ({
  pk: importRun(tenant, run),
  sk: `${IMPORT_ROW}${rowNumber(row)}`,
});
/** Whose an identity would be after a dry run's rows so far. Hashed: what is told of rows is nobody's number. */
export const importSeenKey = (tenant: TenantId, run: ImportRun, { kind, value }: Identity): Key => ({
  pk: importRun(tenant, run),
  sk: `SEEN#${createHash('sha256').update(`${run.id} ${kind} ${value}`).digest('hex')}`,
});

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
export const deadLetterKey = (tenant: TenantId, id: string): Key => ({ pk: deadLetters(tenant), sk: `LETTER#${id}` });
export const lettersByTime = (tenant: TenantId): string => within(tenant, 'DEADLETTERS');
export const deadLettersOf = (tenant: TenantId, origin: string): string => within(tenant, 'DEADLETTERS', origin);

/** A file, and the events about it. */
export const uploadKey = (tenant: TenantId, id: UploadId): Key => ({ pk: within(tenant, 'UPLOAD', id), sk: 'UPLOAD' });

/** Webhook routes are read before the tenant is known; they say which it is. */
export const ROUTE = 'ROUTE#';
export const routeKey = (...parts: readonly string[]): Key => ({
  pk: `${ROUTE}${parts.map(part).join('#')}`,
  sk: 'ROUTE',
});

/** API Gateway names a connection alone; this says whose it is. */
export const connectionRouteKey = (connectionId: string): Key => routeKey('CONNECTION', connectionId);

/** What could not be handled and belongs to no tenant that we can tell: operators look there. */
export const ownerlessLetterKey = (id: string): Key => ({ pk: `${ROUTE}DEADLETTER`, sk: id });

export const DUE = 'DUE#';
export const DUE_SHARDS = 8;

/**
 * Which partition of the due index an id falls into: its last hexadecimal digit is random. Messages fall where their chat
 * does, so that they are found in order.
 */
export const dueShard = (id: string): string => `${DUE}${Number.parseInt(id.slice(-1), 16) % DUE_SHARDS}`;

export const ROWS_DUE = `${DUE}ROWS#`;

/** Where all open dead letters are counted; nobody settles them. */
export const OPEN_LETTERS = `${DUE}LETTERS`;

/**
 * What time alone changes of clients is due in partitions of its own: very many may be at the same moment, and no message
 * waits behind them.
 */
export const projectionShard = (id: string): string => dueShard(id).replace(DUE, ROWS_DUE);

export const HOOKS_DUE = `${DUE}HOOK#`;

/** So are deliveries to other systems: very many wait for one that takes its time, and nothing else waits behind them. */
export const deliveryShard = (id: string): string => dueShard(id).replace(DUE, HOOKS_DUE);

/** Whose item it is, read back from its key. */
export const tenantOfKey = (pk: string): string | undefined => /^T#([a-z0-9-]{1,64})#/.exec(pk)?.[1];

/** In whose collection an item stands, read back from its key. */
export const homeOfKey = (pk: string): string | undefined => /^T#[^#]+#CLIENT#([^#]+)$/.exec(pk)?.[1];
