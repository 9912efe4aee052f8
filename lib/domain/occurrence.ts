import type { Channel } from '../contract/channels.ts';
import { ChannelSchema } from '../contract/channels.ts';
import type { Chat } from '../contract/chats.ts';
import { ChatSchema } from '../contract/chats.ts';
import type { Client } from '../contract/clients.ts';
import { ClientSchema } from '../contract/clients.ts';
import type { Message } from '../contract/messages.ts';
import { MessageSchema } from '../contract/messages.ts';
import type { Settings } from '../contract/operations.ts';
import { SettingsSchema } from '../contract/operations.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { instant, type Act } from './act.ts';
import { changedFields } from './changes.ts';

type TypeAbout<Subject extends string> = Extract<DomainEvent, { subject: { type: Subject } }>['type'];

const envelope = (act: Act) => ({
  id: act.newId(),
  version: 1 as const,
  tenantId: act.tenant,
  occurredAt: instant(act.now()),
  actor: act.actor,
  correlationId: act.correlationId,
});

const previousOf = <T extends object>(before: T | undefined, after: T) =>
  before === undefined ? {} : { previous: changedFields(before, after) };

/** Announces something about a client. Given what it was before, the event tells the changed fields too. */
export const clientEvent = (act: Act, type: TypeAbout<'client'>, after: Client, before?: Client): DomainEvent => {
  const data = ClientSchema.parse(after);
  const previous = previousOf(before && ClientSchema.parse(before), data);
  return { ...envelope(act), type, subject: { type: 'client', id: after.id }, data, ...previous };
};

export const chatEvent = (act: Act, type: TypeAbout<'chat'>, after: Chat, before?: Chat): DomainEvent => {
  const data = ChatSchema.parse(after);
  const previous = previousOf(before && ChatSchema.parse(before), data);
  return { ...envelope(act), type, subject: { type: 'chat', id: after.id }, data, ...previous };
};

/** What the system does to a message belongs to the request that the message came from. */
export const messageEvent = (act: Act, type: TypeAbout<'message'>, after: Message, before?: Message): DomainEvent => {
  const data = MessageSchema.parse(after);
  const previous = previousOf(before && MessageSchema.parse(before), data);
  const correlationId = act.actor.type === 'system' ? after.correlationId : act.correlationId;
  return { ...envelope(act), correlationId, type, subject: { type: 'message', id: after.id }, data, ...previous };
};

export const channelEvent = (act: Act, type: TypeAbout<'channel'>, after: Channel, before?: Channel): DomainEvent => {
  const data = ChannelSchema.parse(after);
  const previous = previousOf(before && ChannelSchema.parse(before), data);
  return { ...envelope(act), type, subject: { type: 'channel', id: after.id }, data, ...previous };
};

export const settingsEvent = (act: Act, after: Settings, before: Settings): DomainEvent => {
  const data = SettingsSchema.parse(after);
  const previous = previousOf(SettingsSchema.parse(before), data);
  return {
    ...envelope(act),
    type: 'SettingsUpdated',
    subject: { type: 'settings', id: act.tenant },
    data,
    ...previous,
  };
};
