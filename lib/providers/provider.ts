import type * as z from 'zod';
import type { Content } from '../contract/new-message.ts';
import type { ProviderName, Transport } from '../contract/vocabulary.ts';

/** Where a provider is reached, and how long one call may take. */
export interface ProviderSettings {
  readonly apiBase: string;
  readonly timeoutMs: number;
}

/** A webhook as it arrived: the body is decoded from base64 but otherwise untouched. */
export interface Webhook {
  /** The address the provider was given, query included, over the configured public base address. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** ISO 8601. A former secret verifies only what arrived while it was good. */
  readonly receivedAt: string;
}

/** A file a client sent. It is fetched later from an address built from `reference`, never from a URL in the payload. */
export interface InboundMedia {
  /** What the provider needs to find the file again (Twilio media path ids, Telegram file_id); empty when it named none we know. */
  readonly reference: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes; 0 where the provider does not say. */
  readonly size: number;
}

/** Who wrote. `address` identifies (E.164, or Telegram's numeric id); the rest is for display. */
export interface InboundSender {
  readonly address: string;
  readonly firstName: string;
  readonly lastName?: string;
  /** Telegram's user name, without the @. */
  readonly handle?: string;
}

export interface InboundMessage {
  readonly kind: 'message';
  /** What a replay repeats: Twilio's MessageSid, Telegram's update_id. */
  readonly deduplicationId: string;
  /** The provider's name for the message, by which edits and reports refer to it. */
  readonly providerMessageId: string;
  readonly transport: Transport;
  readonly from: InboundSender;
  /** `system`: not words of the client but something that happened, such as a blocked bot or an unsupported kind of message. */
  readonly entry: 'client' | 'system';
  readonly text: string;
  readonly media: readonly InboundMedia[];
  /** The provider's own time, ISO 8601 with milliseconds, where it tells one. */
  readonly providerTime?: string;
  /** The providerMessageId this one is an edit of. */
  readonly editOf?: string;
  /** The message changes whether the client may be written to; `unchanged`: the provider says that it does not. */
  readonly consent?: 'opted-out' | 'opted-in' | 'unchanged';
}

export type InboundUpdate =
  | InboundMessage
  /** Understood, and nothing to do with a client: a group the bot was added to. Acknowledged, not kept. */
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Kept raw as a dead letter. */
  | { readonly kind: 'unparsable'; readonly reason: string };

/** A file to send. Providers fetch it themselves or are handed its bytes; what they accept depends on type and size. */
export interface OutboundMedia {
  /** Publicly fetchable and short-lived. */
  readonly url: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
}

export interface OutboundMessage {
  readonly transport: Transport;
  /** The channel's own address: E.164 number, or the bot's name. */
  readonly from: string;
  /** The client's address: E.164, or Telegram's numeric id. */
  readonly to: string;
  readonly text: string;
  /** A template that the provider keeps, sent in place of text. */
  readonly content?: Content | null;
  readonly media: readonly OutboundMedia[];
  /** Where the provider reports on this very attempt. */
  readonly statusCallbackUrl: string;
}

/** What an attempt to send can come to, and the status of the provider's answer where there was one. */
export type SendOutcome = Outcome & { readonly httpStatus?: number };

/** A closed union. */
type Outcome =
  | { readonly kind: 'accepted'; readonly providerMessageId: string }
  /** The provider said no to this message; trying again would not help. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string; readonly optedOut: boolean }
  /** 429: not accepted; `scope` says what has to pause. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number; readonly scope: 'chat' | 'channel' }
  /** No connection was made, so provably not accepted. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** The channel itself is at fault: wrong credentials, suspended account, deleted bot. Not accepted. */
  | { readonly kind: 'channel-fault'; readonly code: string; readonly detail: string }
  /** It went out, and what became of it is not known: 5xx, reset, time-out. */
  | { readonly kind: 'ambiguous'; readonly detail: string };

/** What the provider says became of a message. */
type ReportedStatus = 'sent' | 'delivered' | 'read' | 'failed';

export interface DeliveryReport {
  readonly providerMessageId: string;
  readonly status: ReportedStatus;
  readonly error?: { readonly code: string; readonly detail: string; readonly optedOut: boolean };
}

/** What became of fetching a client's file. */
export type FetchedMedia =
  | { readonly kind: 'fetched'; readonly bytes: Uint8Array }
  /** Trying again would not help. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** The provider is away or busy, or does not accept our credentials at the moment. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** Looking for a message whose sending ended in doubt. */
export interface SentSearch extends Pick<OutboundMessage, 'transport' | 'from' | 'to' | 'text' | 'content'> {
  /** How many files it carried. */
  readonly files: number;
  /** When the attempt began, ISO 8601. */
  readonly since: string;
}

export type SentSearchResult =
  /** Candidates in the provider's order, oldest first; the caller takes the first that belongs to no other message. */
  | { readonly kind: 'listed'; readonly providerMessageIds: readonly string[] }
  | { readonly kind: 'unavailable'; readonly detail: string };

export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly address: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** What limits apply to; `media` without addresses, since they are checked before any is signed. */
export interface LimitedMessage {
  readonly transport: Transport;
  readonly text: string;
  readonly media: readonly Pick<OutboundMedia, 'name' | 'contentType' | 'size'>[];
}

/** What a message of this text and these files would break, named for the user; `undefined` when it fits. */
export type LimitViolation = { readonly code: string; readonly detail: string } | undefined;

/** What a provider keeps of a channel's messages, from one time until before another. */
export interface ArchiveSearch {
  readonly transport: Transport;
  /** The channel's own. */
  readonly address: string;
  readonly from: string;
  readonly until: string;
}

/** A message of a client as the provider's list has it: the fields of its webhook, but for its files. */
export interface ReceivedRecord {
  readonly providerMessageId: string;
  /** ISO 8601, whole seconds. */
  readonly at: string;
  readonly files: number;
  readonly form: Readonly<Record<string, string>>;
}

interface Unavailable {
  readonly kind: 'unavailable';
  readonly detail: string;
}

/** Asks a provider for what its webhooks should have told. Never throws for what the provider or the network does. */
export interface ProviderArchive<Credentials> {
  /** Oldest first. */
  listReceived(
    credentials: Credentials,
    search: ArchiveSearch,
  ): Promise<{ readonly kind: 'listed'; readonly records: readonly ReceivedRecord[] } | Unavailable>;
  /** A listed message with its files, and the webhook that it would have come in. */
  completeReceived(
    credentials: Credentials,
    record: ReceivedRecord,
  ): Promise<{ readonly kind: 'complete'; readonly update: InboundUpdate; readonly raw: string } | Unavailable>;
  /** What became of what was sent, a page. @param page where the last page says that the next one is */
  listReports(
    credentials: Credentials,
    search: ArchiveSearch,
    page: string | null,
  ): Promise<
    { readonly kind: 'listed'; readonly reports: readonly DeliveryReport[]; readonly next: string | null } | Unavailable
  >;
}

/** One messaging service, behind its own library. `Credentials` is what a channel keeps encrypted. */
export interface Provider<Credentials> {
  readonly name: ProviderName;
  readonly transports: readonly Transport[];
  /** What a channel keeps encrypted, read back through its schema. */
  readonly credentials: z.ZodType<Credentials>;
  /** Checks the credentials and tells the provider where to deliver. */
  connect(
    credentials: Credentials,
    channel: { address: string | undefined; transport: Transport; webhookUrl: string },
  ): Promise<ConnectOutcome>;
  /** Tells the provider to deliver no more. Failures are not an error: the channel goes anyway. */
  disconnect(credentials: Credentials): Promise<void>;
  /** Is the channel usable? Costs the tenant nothing. */
  probe(credentials: Credentials): Promise<'usable' | 'unusable' | 'unavailable'>;
  checkLimits(message: LimitedMessage): LimitViolation;
  /** One call, never repeated by the library. Never throws for what the provider or the network does. */
  send(credentials: Credentials, message: OutboundMessage): Promise<SendOutcome>;
  /** Absent where the provider cannot be asked. */
  findSent?(credentials: Credentials, search: SentSearch): Promise<SentSearchResult>;
  /** Absent where the provider keeps nothing that it could be asked for. */
  readonly archive?: ProviderArchive<Credentials>;
  /** Fetches a file that a client sent, of at most so many bytes. Never throws for what the provider or the network does. */
  fetchMedia(credentials: Credentials, reference: string, maxBytes: number): Promise<FetchedMedia>;
  /** In constant time; false when there is no signature or no secret. */
  verify(credentials: Credentials, webhook: Webhook): boolean;
  parseInbound(webhook: Webhook): InboundUpdate;
  /** `undefined` for statuses that tell nothing new (queued, sending) and for what cannot be read. */
  parseReport(webhook: Webhook): DeliveryReport | undefined;
}
