import { createHash } from 'node:crypto';
import type {
  ChannelId,
  ClientId,
  EventId,
  MessageId,
  TenantId,
  UserId,
  WebhookEndpointId,
} from '../contract/vocabulary.ts';
import { clientCollection, part, within, type Key } from './keys.ts';

export const USER = 'USER#';
export const users = (tenant: TenantId): string => within(tenant, 'USER');
export const userKey = (tenant: TenantId, id: UserId): Key => ({ pk: users(tenant), sk: `${USER}${part(id)}` });

/** Whose turn is next, and how many open chats each user has. */
export const ledgerKey = (tenant: TenantId): Key => ({ pk: within(tenant, 'ASSIGNMENT'), sk: 'LEDGER' });

/** Whose requests are counted there: a user's, or all of the tenant. */
export const rateKey = (tenant: TenantId, userId: UserId | null): Key => ({
  pk: userId === null ? within(tenant, 'RATE') : within(tenant, 'RATE', 'USER', userId),
  sk: 'RATE',
});
/** The lines in which a channel's messages wait for their turns; without a channel, that of all bulk messages. */
export const paceKey = (tenant: TenantId, channelId: ChannelId | null): Key => ({
  pk: channelId === null ? within(tenant, 'PACE') : within(tenant, 'PACE', channelId),
  sk: 'PACE',
});
export const CHAT_PACE = '#PACE#';
/** When the next message may go to this chat on a channel. */
export const chatPaceKey = (tenant: TenantId, chatId: ClientId, channelId: ChannelId): Key => ({
  pk: clientCollection(tenant, chatId),
  sk: `${CHAT_PACE}${channelId}`,
});

/** Whose Telegram account is it? */
export const telegramAccountKey = (tenant: TenantId, account: string): Key => ({
  pk: within(tenant, 'TELEGRAM_ACCOUNT', account),
  sk: 'ACCOUNT',
});
/** Hashed: whoever can read the table cannot link an account. */
export const telegramCodeKey = (tenant: TenantId, code: string): Key => ({
  pk: within(tenant, 'TELEGRAM_CODE', createHash('sha256').update(code).digest('hex')),
  sk: 'CODE',
});

/** Who was told of a message. */
export const noticesOf = (id: MessageId): string => `NOTICE#${id}#`;
export const noticeKey = (tenant: TenantId, home: ClientId, id: MessageId, userId: UserId): Key => ({
  pk: clientCollection(tenant, home),
  sk: `${noticesOf(id)}${part(userId)}`,
});
export const TOLD = 'TOLD#';
/** When a user was last told of a chat. */
export const toldKey = (tenant: TenantId, home: ClientId, userId: UserId): Key => ({
  pk: clientCollection(tenant, home),
  sk: `${TOLD}${part(userId)}`,
});

/** Hashed: whoever can read the table cannot connect. */
export const ticketKey = (tenant: TenantId, digest: string): Key => ({
  pk: within(tenant, 'TICKET', digest),
  sk: 'TICKET',
});
export const CONNECTION = 'CONNECTION#';
export const connections = (tenant: TenantId): string => within(tenant, 'CONNECTION');
export const connectionKey = (tenant: TenantId, connectionId: string): Key => ({
  pk: connections(tenant),
  sk: `${CONNECTION}${connectionId}`,
});
/** What was changed on a day, in the order in which it was told. */
export const changesOn = (tenant: TenantId, day: string): string => within(tenant, 'CHANGES', day);

export const WEBHOOK_ENDPOINT = 'HOOK#';
export const webhookEndpoints = (tenant: TenantId): string => within(tenant, 'HOOKS');
export const webhookEndpointKey = (tenant: TenantId, id: WebhookEndpointId): Key => ({
  pk: webhookEndpoints(tenant),
  sk: `${WEBHOOK_ENDPOINT}${id}`,
});
export const webhookCountKey = (tenant: TenantId): Key => ({ pk: webhookEndpoints(tenant), sk: '#COUNT' });
export const DELIVERY = 'DELIVERY#';
export const webhookDeliveries = (tenant: TenantId, id: WebhookEndpointId): string => within(tenant, 'HOOK', id);
export const webhookDeliveryKey = (tenant: TenantId, endpointId: WebhookEndpointId, id: EventId): Key => ({
  pk: webhookDeliveries(tenant, endpointId),
  sk: `${DELIVERY}${id}`,
});

export const SEAL = 'SEAL#';
export const seals = (tenant: TenantId): string => within(tenant, 'SEALS');
/** Which is the last seal, and when the next is due. */
export const sealHeadKey = (tenant: TenantId): Key => ({ pk: seals(tenant), sk: 'HEAD' });
export const sealKey = (tenant: TenantId, number: number): Key => ({
  pk: seals(tenant),
  sk: `${SEAL}${String(number).padStart(12, '0')}`,
});
/** Entries of the audit log that are in no seal yet. */
export const unsealedEntries = (tenant: TenantId): string => within(tenant, 'UNSEALED');
export const unsealedKey = (tenant: TenantId, position: string): Key => ({
  pk: unsealedEntries(tenant),
  sk: position,
});
