import { setTimeout as wait } from 'node:timers/promises';
import type { Sender } from '../contract/messages.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { environment } from '../config/environment.ts';
import type { ChannelId, ClientId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { newChat, type RouteBack } from '../domain/chat.ts';
import { chatWithInbound } from '../domain/chat-message.ts';
import { clientFromSender, type ClientRecord } from '../domain/client.ts';
import { saidSince, withConsents } from '../domain/client-consent.ts';
import { Failure } from '../domain/failure.ts';
import { identityKindOfTransport, normalizePhone, type Identity } from '../domain/identity.ts';
import { receivedMessage, type MessageRecord } from '../domain/message.ts';
import { chatEvent, clientEvent, messageEvent } from '../domain/occurrence.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import type { InboundMessage } from '../providers/provider.ts';
import { ChatDormant, ChatGone, enterInbound } from '../table/chat-entry.ts';
import { openByMessage } from '../table/chat-head.ts';
import { getChat } from '../table/chats.ts';
import { getClient, insertionSteps } from '../table/clients.ts';
import { findHolder } from '../table/identities.ts';
import { enterMember } from '../table/member-entry.ts';
import { findReference, insertMessage, recordReceipt, recordReference, Replayed } from '../table/messages.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, type Step } from '../table/transaction.ts';
import { consentEvent, consentOf, consentSteps } from './consent.ts';

/** An inbound message of a verified webhook, and on which channel it came. */
export interface Arrival {
  readonly channelId: ChannelId;
  readonly inbound: InboundMessage;
  /** The webhook's body, or where it is kept. */
  readonly raw: string;
  /** When it was said, as far as is known: it may come much later. ISO 8601. */
  readonly saidAt?: string;
}

const identityOf = ({ transport, from }: InboundMessage): Identity => {
  const kind = identityKindOfTransport(transport);
  if (kind === undefined) throw new Error(`Nobody can write on ${transport}.`);
  // A number is looked for in the form in which a user's would be kept; one that fits no plan is kept as the provider writes it.
  return { kind, value: kind === 'tel' ? (normalizePhone(from.address, null) ?? from.address) : from.address };
};

const senderOf = ({ transport, from, entry }: InboundMessage): Sender => ({
  type: entry === 'system' ? 'system' : transport === 'phone' ? 'other' : transport,
  id: null,
  name: [from.firstName, from.lastName].filter((part) => part !== undefined).join(' '),
  address: from.address,
  handle: from.handle ?? null,
});

const messageOf = (act: Act, chatId: ClientId, { channelId, inbound }: Arrival, editOf: MessageRecord['editOf']) =>
  receivedMessage(act, chatId, {
    transport: inbound.transport,
    channelId,
    sender: senderOf(inbound),
    text: inbound.text,
    media: inbound.media,
    providerMessageId: inbound.providerMessageId,
    deduplicationId: inbound.deduplicationId,
    providerTime: inbound.providerTime ?? null,
    editOf,
    ...(inbound.media.length > 0 && { dueAt: secondsAfter(act.now(), environment().REDISPATCH_SECONDS) }),
  });

/** Stands first, so that a replay is known as one whatever else has changed since. */
const receiptSteps = (act: Act, { channelId, inbound, raw }: Arrival, message: MessageRecord): Step[] => [
  recordReceipt(act.tenant, channelId, inbound.deduplicationId, {
    messageId: message.id,
    raw,
    receivedAt: message.createdAt,
  }),
  ...(inbound.providerMessageId === inbound.deduplicationId || inbound.editOf !== undefined
    ? []
    : [recordReference(act.tenant, channelId, inbound.providerMessageId, message)]),
];

const memberSteps = (act: Act, message: MessageRecord): Step[] =>
  message.sender.type === 'system' ? [] : enterMember(act.tenant, message);

/** The client's act: what it does is done by itself. */
const by = (act: Act, clientId: ClientId): Act => ({ ...act, actor: { type: 'client', id: clientId } });

/** A message of somebody nobody knows yet: client, chat and message come into being together. */
const receiveFromStranger = async (context: Act, arrival: Arrival): Promise<void> => {
  const { inbound, channelId } = arrival;
  const identity = identityOf(inbound);
  const { firstName, lastName } = inbound.from;
  const fresh = clientFromSender(context, { firstName, lastName: lastName ?? null, identity });
  const act = by(context, fresh.id);
  const said = consentOf(inbound);
  const client = withConsents(act, fresh, identity, said) ?? fresh;
  const message = messageOf(act, client.id, arrival, null);
  const from = { channelId, address: identity.value };
  const chat = chatWithInbound(newChat(act, client), message, from);
  await commit(act.tenant, [
    ...receiptSteps(act, arrival, message),
    ...insertionSteps(act.tenant, client, chat),
    insertMessage(act.tenant, message),
    ...memberSteps(act, message),
    announce(clientEvent(act, 'ClientCreated', client)),
    ...(client === fresh ? [] : [announce(clientEvent(act, consentEvent(said), client, fresh))]),
    announce(chatEvent(act, 'ChatCreated', chat)),
    announce(messageEvent(act, 'MessageReceived', message)),
  ]);
};

interface Entering {
  readonly step: Step;
  readonly event?: DomainEvent;
}

/** How a message enters a chat that had to be read: that it opens it, for the first time or again, is announced. */
const openingSteps = async (act: Act, message: MessageRecord, from: RouteBack): Promise<Entering> => {
  const chat = await getChat(act.tenant, message.chatId);
  if (chat.openedAt !== null && chat.status === 'open')
    return { step: enterInbound(act.tenant, message, from, chat.routesBack) };
  const after = chatWithInbound(chat, message, from);
  const event =
    chat.openedAt === null ? chatEvent(act, 'ChatCreated', after) : chatEvent(act, 'ChatUpdated', after, chat);
  return { step: openByMessage(act.tenant, chat, after), event };
};

/** What WhatsApp did not bring by a webhook may be older than what it did: for how long the client can be answered does not follow from it alone. */
const isLate = ({ transport, providerTime }: MessageRecord): boolean =>
  transport === 'whatsapp' && providerTime !== null;

/** What is older than this when it comes was held up, or lost and found. */
const LATE_SECONDS = 60;

/** Whether somebody has said something else of this address since: a word that was lost and found does not undo a later one. */
const isOvertaken = (act: Act, client: ClientRecord, { inbound, saidAt }: Arrival): boolean =>
  saidAt !== undefined &&
  saidAt < secondsAfter(act.now(), -LATE_SECONDS) &&
  saidSince(client, identityOf(inbound), saidAt);

/** A message of a known client; `opens` when the chat is not open, and has to be read to be opened. */
const receiveFromClient = async (context: Act, clientId: ClientId, arrival: Arrival, opens: boolean): Promise<void> => {
  const { inbound, channelId } = arrival;
  const act = by(context, clientId);
  const editOf = inbound.editOf === undefined ? undefined : await findReference(act.tenant, channelId, inbound.editOf);
  const message = messageOf(act, clientId, arrival, editOf === 'forgotten' ? null : (editOf ?? null));
  const from = { channelId, address: identityOf(inbound).value };
  const { step, event }: Entering =
    opens || isLate(message)
      ? await openingSteps(act, message, from)
      : { step: enterInbound(act.tenant, message, from) };
  const said = consentOf(inbound);
  const consenting = said.length === 0 ? [] : [await getClient(act.tenant, clientId)];
  await commit(act.tenant, [
    ...receiptSteps(act, arrival, message),
    step,
    insertMessage(act.tenant, message),
    ...memberSteps(act, message),
    ...consenting.flatMap((client) =>
      isOvertaken(act, client, arrival) ? [] : consentSteps(act, client, identityOf(inbound), said),
    ),
    ...(event === undefined ? [] : [announce(event)]),
    announce(messageEvent(act, 'MessageReceived', message)),
  ]);
};

const ATTEMPTS = 10;

const interferences: ReadonlySet<ProblemCode> = new Set(['contact.duplicate', 'resource.not-found', 'client.absorbed']);

/** Somebody interfered: the sender became known, or its client was deleted, merged or changed in between. */
const isInterference = (error: unknown): boolean =>
  error instanceof Raced || error instanceof ChatGone || (error instanceof Failure && interferences.has(error.code));

/**
 * Takes an inbound message into its sender's chat. One read and one transaction; two reads and a transaction more for one
 * that opens the chat, for the first time or again, and one more read for an edit or an opt-out.
 *
 * @returns `replayed` when it was taken before; then nothing changes
 */
export const receive = async (act: Act, arrival: Arrival): Promise<'received' | 'replayed'> => {
  let opens = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const holder = await findHolder(act.tenant, identityOf(arrival.inbound));
      if (holder === undefined) await receiveFromStranger(act, arrival);
      else await receiveFromClient(act, holder, arrival, opens);
      return 'received';
    } catch (error) {
      if (error instanceof Replayed) return 'replayed';
      if (!isInterference(error)) throw error;
      const isNews: boolean = error instanceof ChatDormant && !opens;
      opens ||= isNews;
      if (!isNews) await wait(Math.random() * 20 * (attempt + 1));
    }
  }
  throw new Failure('service.unavailable', 'The chat is too busy at the moment.', { retryAfterSeconds: 2 });
};
