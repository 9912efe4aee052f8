import * as z from 'zod';
import type { NewMember } from '../contract/chats.ts';
import type { ContactType } from '../contract/clients.ts';
import {
  MemberSchema,
  MemberTransportSchema,
  SenderTypeSchema,
  type Member,
  type MemberTransport,
} from '../contract/messages.ts';
import { ContactIdSchema, InstantSchema, UserIdSchema, type ChatId, type Transport } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import type { ClientRecord } from './client.ts';
import { notFound } from './failure.ts';
import { identityKindOfTransport, identityOfContact, normalizePhone, type Identity } from './identity.ts';
import type { MessageRecord } from './message.ts';

/** Who takes part in a chat, as it is stored. What providers know of it stands beside it. */
export const MemberRecordSchema = z.object({
  id: z.string(),
  type: SenderTypeSchema,
  userId: UserIdSchema.nullable(),
  contactId: ContactIdSchema.nullable().default(null),
  name: z.string().nullable(),
  addedBy: UserIdSchema.nullable().default(null),
  createdAt: InstantSchema,
});
export type MemberRecord = z.infer<typeof MemberRecordSchema>;

export const MemberTransportRecordSchema = MemberTransportSchema.extend({ memberId: z.string() });
export type MemberTransportRecord = z.infer<typeof MemberTransportRecordSchema>;

/**
 * The same person on SMS and on WhatsApp is one member, as it is one client. `other:` is for services, which an address of
 * no known kind is not.
 */
const idOf = ({ kind, value }: Identity): string => `${kind === 'other' ? 'contact' : kind}:${value}`;

const identityOf = ({ transport, sender }: MessageRecord): Identity | undefined => {
  const kind = identityKindOfTransport(transport);
  const { address } = sender;
  if (kind === undefined || address === null) return undefined;
  return { kind, value: kind === 'tel' ? (normalizePhone(address, null) ?? address) : address.toLowerCase() };
};

const participantOf = (message: MessageRecord): string => {
  const { type, id, name, address } = message.sender;
  const identity = type === 'user' || type === 'system' ? undefined : identityOf(message);
  return identity === undefined ? `${type}:${id ?? address ?? name?.toLowerCase() ?? ''}` : idOf(identity);
};

/** Who takes part in a chat by writing this message. */
export const memberOf = (message: MessageRecord): MemberRecord => {
  const { type, id, name } = message.sender;
  return {
    id: participantOf(message),
    type,
    userId: type === 'user' && id !== null ? UserIdSchema.parse(id) : null,
    contactId: null,
    name,
    addedBy: null,
    createdAt: message.createdAt,
  };
};

/** What a client's message tells of how its writer is reached; undefined for our own. */
export const transportOf = (message: MessageRecord): MemberTransportRecord | undefined => {
  const { address, handle, name } = message.sender;
  if (message.direction === 'outbound' || address === null) return undefined;
  return {
    memberId: participantOf(message),
    transport: message.transport,
    channelId: message.channelId,
    address,
    // A private chat with a bot has the id of its user. https://core.telegram.org/bots/api#chat
    providerChatId: message.transport === 'telegram' ? address : null,
    handle,
    name,
    lastSeenAt: message.createdAt,
  };
};

const transportOfContact = (type: ContactType): Transport => type;

interface NewParticipant {
  readonly record: MemberRecord;
  readonly transport?: MemberTransportRecord;
}

const clientMember = (
  client: ClientRecord,
  contactId: MemberRecord['contactId'],
): { readonly id: string; readonly type: ContactType; readonly value: string } => {
  const contact = contactId === null ? undefined : client.contacts.find(({ id }) => id === contactId);
  if (contact !== undefined) return { id: idOf(identityOfContact(contact)), type: contact.type, value: contact.value };
  if (contactId !== null || client.phone === null) throw notFound();
  return { id: idOf({ kind: 'tel', value: client.phone }), type: 'phone', value: client.phone };
};

const nameOf = ({ firstName, lastName }: ClientRecord): string =>
  [firstName, lastName].filter((part) => part !== null).join(' ');

/** Who is added by hand. @throws Failure `resource.not-found` for a contact that the client has not got */
export const newMember = (act: Act, client: ClientRecord, input: NewMember): NewParticipant => {
  const added = {
    userId: null,
    contactId: null,
    addedBy: UserIdSchema.parse(act.actor.id),
    createdAt: instant(act.now()),
  };
  const { type } = input;
  if (type === 'user') {
    const { userId, name } = input;
    return { record: { ...added, id: `user:${userId}`, type, userId, name } };
  }
  if (type !== 'client')
    return { record: { ...added, id: `${type}:${input.name.toLowerCase()}`, type, name: input.name } };
  const { contactId, name } = input;
  const contact = clientMember(client, contactId);
  return {
    record: { ...added, id: contact.id, type, contactId, name: name ?? nameOf(client) },
    transport: {
      memberId: contact.id,
      transport: transportOfContact(contact.type),
      channelId: null,
      address: contact.value,
      providerChatId: null,
      handle: null,
      name: null,
      lastSeenAt: null,
    },
  };
};

const lastSeenFirst = (one: MemberTransport, other: MemberTransport): number =>
  (other.lastSeenAt ?? '').localeCompare(one.lastSeenAt ?? '');

/** A member as its chat shows it. */
export const showMember = (chatId: ChatId, record: MemberRecord, all: readonly MemberTransportRecord[]): Member => {
  const transports = all.filter(({ memberId }) => memberId === record.id).toSorted(lastSeenFirst);
  const { address = null, handle = null, channelId = null } = transports[0] ?? {};
  return MemberSchema.parse({ ...record, chatId, address, handle, channelId, transports });
};

/** One place at a provider, whenever it was seen. */
const placeOf = ({ transport, channelId, address }: MemberTransport): string => `${transport} ${channelId} ${address}`;

/** Who takes part in several chats that became one is one member, since the first time and wherever it was seen. */
export const distinctMembers = (members: readonly Member[]): Member[] =>
  [...Map.groupBy(members, ({ id }) => id).values()].flatMap((same) => {
    const [first] = same.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
    if (first === undefined || same.length === 1) return same;
    const seen = same.flatMap(({ transports }) => transports).toSorted((one, other) => -lastSeenFirst(one, other));
    const transports = [...new Map(seen.map((transport) => [placeOf(transport), transport])).values()];
    const records = transports.map((transport) => ({ ...transport, memberId: first.id }));
    return [showMember(first.chatId, first, records)];
  });
