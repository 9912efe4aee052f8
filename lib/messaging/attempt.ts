import { environment } from '../config/environment.ts';
import { UploadIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { claim, isOutbound } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { Dispatch } from '../events/outbox.ts';
import type { OutboundMedia, SendOutcome } from '../providers/provider.ts';
import { givePlaceUp } from '../table/chat-entry.ts';
import { enterChat } from '../table/lines.ts';
import { findMessageWithClient, saveMessage } from '../table/messages.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { isOutsideWindow, windowClosed } from '../domain/whatsapp-window.ts';
import { isRefused } from './consent.ts';
import { giveUp } from './endings.ts';
import type { ProviderAccess } from './provider-access.ts';

/** A message that this sender holds, by a lease with this token. */
export interface Claimed {
  readonly message: MessageRecord;
  readonly token: string;
}

interface Refusal {
  readonly code: string;
  readonly detail: string;
}

/** Why it may not be sent since it was queued: its addressee refuses messages, or WhatsApp would not take it any more. */
const refusalOf = async (
  act: Act,
  { message, chat, client }: { message: MessageRecord; chat: ChatRecord; client: ClientRecord },
): Promise<Refusal | undefined> => {
  if (message.status !== 'queued') return undefined;
  if (await isRefused(act, message, client)) {
    return { code: 'contact.opted-out', detail: 'The client asked not to be written to before this was sent.' };
  }
  // Of one that was merged into another since, the other's chat knows; WhatsApp itself refuses it as well.
  const isClosed = chat.state === 'active' && isOutsideWindow(chat, message, instant(act.now()));
  return isClosed ? { code: 'whatsapp.window-closed', detail: windowClosed } : undefined;
};

const refuse = async (act: Act, message: MessageRecord, reason: Refusal): Promise<'refused'> => {
  const change = giveUp(act, message, reason.code, reason.detail);
  if (change !== undefined) await saveMessage(act, message, change);
  return 'refused';
};

/**
 * Takes a queued message for this sender. Undefined when it is no longer there to be taken; `refused` when its addressee
 * wants it no more, in which case it has failed.
 *
 * @param chatTurnMs for how long its chat takes no other message on this channel
 * @throws ChatTooSoon
 */
export const claimMessage = (
  act: Act,
  { chatId, messageId }: Pick<Dispatch, 'chatId' | 'messageId'>,
  chatTurnMs = 0,
): Promise<Claimed | 'refused' | undefined> =>
  untilUndisturbed(async () => {
    const found = await findMessageWithClient(act.tenant, chatId, messageId);
    if (found === undefined) return undefined;
    const { message, chat } = found;
    if (chat.state === 'erased') return undefined;
    const refusal = await refusalOf(act, found);
    if (refusal !== undefined) return refuse(act, message, refusal);
    const token = act.newId();
    const until = secondsAfter(act.now(), environment().LEASE_SECONDS);
    const next = claim(message, { token, until }, instant(act.now()));
    if (next === undefined) return undefined;
    const also = [
      ...(chat.held.has(message.id) ? [givePlaceUp(act.tenant, message)] : []),
      ...(chatTurnMs > 0 && message.channelId !== null
        ? [enterChat(act.tenant, chatId, message.channelId, chatTurnMs, act.now().getTime())]
        : []),
    ];
    await saveMessage(act, message, { next, also });
    return { message: next, token };
  });

const statusCallbackUrl = (channel: ChannelRecord, message: MessageRecord): string => {
  const url = new URL(channel.statusCallbackUrl ?? channel.webhookUrl);
  url.searchParams.set('chat', message.chatId);
  url.searchParams.set('message', message.id);
  url.searchParams.set('attempt', String(message.delivery?.attempt ?? 0));
  return url.toString();
};

/** A provider fetches files right away, or a little later when it is busy. */
const MEDIA_SECONDS = 3600;

/** Where the provider finds a message's files. Loaded on first use: most messages carry none. */
const mediaOf = async (tenant: TenantId, { attachments }: MessageRecord): Promise<OutboundMedia[]> => {
  if (attachments.length === 0) return [];
  const { signFile } = await import('../cloud/sign-file.ts');
  return Promise.all(
    attachments.map(async ({ fileId, name, contentType, size }) => {
      const file = { id: UploadIdSchema.parse(fileId), name, contentType };
      return { url: await signFile(tenant, file, MEDIA_SECONDS), name, contentType, size };
    }),
  );
};

/** The one call to the provider. */
export const callProvider = async (
  { tenant, provider, credentials }: ProviderAccess,
  channel: ChannelRecord,
  message: MessageRecord,
): Promise<SendOutcome> => {
  if (!isOutbound(message)) throw new Error('Only an outbound message can be sent.');
  const { from, to } = message.delivery;
  let media: OutboundMedia[];
  try {
    media = await mediaOf(tenant, message);
  } catch (error) {
    // Nothing went out.
    return {
      kind: 'unreachable',
      detail: `no address for a file (${error instanceof Error ? error.name : 'unknown'})`,
    };
  }
  return provider.send(credentials, {
    transport: message.transport,
    from,
    to,
    text: message.text,
    content: message.content,
    media,
    statusCallbackUrl: statusCallbackUrl(channel, message),
  });
};
