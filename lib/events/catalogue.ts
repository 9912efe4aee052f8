import * as z from 'zod';
import { ChannelSchema } from '../contract/channels.ts';
import { ChatSchema } from '../contract/chats.ts';
import { ClientSchema } from '../contract/clients.ts';
import { MessageSchema } from '../contract/messages.ts';
import { SettingsSchema } from '../contract/operations.ts';
import { envelopeOf } from './envelope.ts';

const client = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'client', ClientSchema, description);

const chat = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'chat', ChatSchema, description);

const message = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'message', MessageSchema, description);

const channel = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'channel', ChannelSchema, description);

/** Everything that is announced, by `detail-type`. */
export const catalogue = {
  ClientCreated: client('ClientCreated', 'A client was added, by a user or by its first message.'),
  ClientUpdated: client('ClientUpdated', "A client's profile, contacts or tags changed."),
  ClientDeleted: client('ClientDeleted', 'A client was hidden with its chat; it can be restored.'),
  ClientRestored: client('ClientRestored', 'A deleted client was brought back.'),
  ContactOptedOut: client('ContactOptedOut', 'A client refuses messages to one of its addresses.'),
  ContactOptedIn: client('ContactOptedIn', 'A client takes messages to one of its addresses again.'),
  ChatCreated: chat('ChatCreated', 'A chat was opened, by a user or by its first message.'),
  ChatUpdated: chat('ChatUpdated', "A chat's status, assignee or unread count changed."),
  MessageReceived: message('MessageReceived', 'A client wrote.'),
  MessageQueued: message(
    'MessageQueued',
    'A message waits to be sent: it is new, or its last attempt was provably not accepted.',
  ),
  MessageSent: message('MessageSent', 'The provider accepted a message.'),
  MessageDelivered: message('MessageDelivered', "The provider delivered a message to the client's device."),
  MessageRead: message('MessageRead', 'A message was read: an outbound one by the client, an inbound one by a user.'),
  MessageFailed: message('MessageFailed', 'A message was refused, or given up.'),
  MessageUnknown: message('MessageUnknown', 'Whether the provider accepted a message is not known yet.'),
  ChannelConnected: channel('ChannelConnected', 'A number or bot was connected.'),
  ChannelUpdated: channel('ChannelUpdated', "A channel's status, credentials or choices changed."),
  ChannelDisconnected: channel('ChannelDisconnected', 'A channel was disconnected.'),
  ChannelFailing: channel('ChannelFailing', 'A channel keeps failing; its messages wait.'),
  ChannelRecovered: channel('ChannelRecovered', 'A failing channel works again.'),
  SettingsUpdated: envelopeOf('SettingsUpdated', 'settings', SettingsSchema, "The tenant's settings changed."),
} as const;

export const DomainEventSchema = z.discriminatedUnion('type', [
  catalogue.ClientCreated,
  catalogue.ClientUpdated,
  catalogue.ClientDeleted,
  catalogue.ClientRestored,
  catalogue.ContactOptedOut,
  catalogue.ContactOptedIn,
  catalogue.ChatCreated,
  catalogue.ChatUpdated,
  catalogue.MessageReceived,
  catalogue.MessageQueued,
  catalogue.MessageSent,
  catalogue.MessageDelivered,
  catalogue.MessageRead,
  catalogue.MessageFailed,
  catalogue.MessageUnknown,
  catalogue.ChannelConnected,
  catalogue.ChannelUpdated,
  catalogue.ChannelDisconnected,
  catalogue.ChannelFailing,
  catalogue.ChannelRecovered,
  catalogue.SettingsUpdated,
]);

export type DomainEvent = z.infer<typeof DomainEventSchema>;
export type EventType = keyof typeof catalogue;
export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;
