import { environment } from '../config/environment.ts';
import { UploadIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { claim, isOutbound } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { Dispatch } from '../events/outbox.ts';
import type { OutboundMedia, SendOutcome } from '../providers/provider.ts';
import { givePlaceUp } from '../table/chat-entry.ts';
import { findMessageWithClient, saveMessage } from '../table/messages.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { isRefused } from './consent.ts';
import { giveUp } from './endings.ts';
import type { ProviderAccess } from './provider-access.ts';

/** A message that this sender holds, by a lease with this token. */
export interface Claimed {
  readonly message: MessageRecord;
  readonly token: string;
}

/** The addressee has refused messages since this one was queued, or somebody has noted so. */
const refuse = async (act: Act, message: MessageRecord): Promise<'refused'> => {
  const change = giveUp(
    act,
    message,
    'contact.opted-out',
    'The client asked not to be written to before this was sent.',
  );
  if (change !== undefined) await saveMessage(act, message, change);
  return 'refused';
};

/**
 * Takes a queued message for this sender. Undefined when it is no longer there to be taken; `refused` when its addressee
 * wants it no more, in which case it has failed.
 */
export const claimMessage = (act: Act, { chatId, messageId }: Dispatch): Promise<Claimed | 'refused' | undefined> =>
  untilUndisturbed(async () => {
    const found = await findMessageWithClient(act.tenant, chatId, messageId);
    if (found === undefined) return undefined;
    const { message, chat, client } = found;
    if (chat.state === 'erased') return undefined;
    if (message.status === 'queued' && (await isRefused(act, message, client))) return refuse(act, message);
    const token = act.newId();
    const until = secondsAfter(act.now(), environment().LEASE_SECONDS);
    const next = claim(message, { token, until }, instant(act.now()));
    if (next === undefined) return undefined;
    const also = chat.held.has(message.id) ? [givePlaceUp(act.tenant, message)] : [];
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
    media,
    statusCallbackUrl: statusCallbackUrl(channel, message),
  });
};
