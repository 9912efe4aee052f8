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

const events = [
  client('ClientCreated', 'A client was added, by a user or by its first message.'),
  client('ClientUpdated', "A client's profile, contacts or tags changed."),
  client('ClientDeleted', 'A client was hidden with its chat; it can be restored.'),
  client('ClientRestored', 'A deleted client was brought back.'),
  client('ContactOptedOut', 'A client refuses messages to one of its addresses.'),
  client('ContactOptedIn', 'A client takes messages to one of its addresses again.'),
  chat('ChatCreated', 'A chat was opened, by a user or by its first message.'),
  chat('ChatUpdated', "A chat's status, assignee or unread count changed."),
  message('MessageReceived', 'A client wrote.'),
  message('MessageQueued', 'A message waits to be sent: it is new, or its last attempt was provably not accepted.'),
  message('MessageSent', 'The provider accepted a message.'),
  message('MessageDelivered', "The provider delivered a message to the client's device."),
  message('MessageRead', 'A message was read: an outbound one by the client, an inbound one by a user.'),
  message('MessageFailed', 'A message was refused, or given up.'),
  message('MessageUnknown', 'Whether the provider accepted a message is not known yet.'),
  channel('ChannelConnected', 'A number or bot was connected.'),
  channel('ChannelUpdated', "A channel's status, credentials or choices changed."),
  channel('ChannelDisconnected', 'A channel was disconnected.'),
  channel('ChannelFailing', 'A channel keeps failing; its messages wait.'),
  channel('ChannelRecovered', 'A failing channel works again.'),
  envelopeOf('SettingsUpdated', 'settings', SettingsSchema, "The tenant's settings changed."),
] as const;

/** Everything that is announced; `type` is EventBridge's `detail-type`. */
export const DomainEventSchema = z.discriminatedUnion('type', events);
export type DomainEvent = z.infer<typeof DomainEventSchema>;

/** The schemas by their type. */
export const catalogue = Object.fromEntries(events.map((event) => [event.shape.type.value, event]));

export type EventType = DomainEvent['type'];
export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;
