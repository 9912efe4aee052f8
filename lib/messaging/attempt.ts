import { environment } from '../config/environment.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { claim, isOutbound } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { Dispatch } from '../events/outbox.ts';
import type { SendOutcome } from '../providers/provider.ts';
import { givePlaceUp } from '../table/chat-entry.ts';
import { findMessageInChat, saveMessage } from '../table/messages.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import type { ProviderAccess } from './provider-access.ts';

/** A message that this sender holds, by a lease with this token. */
export interface Claimed {
  readonly message: MessageRecord;
  readonly token: string;
}

/** Takes a queued message for this sender. Undefined when it is no longer there to be taken. */
export const claimMessage = (act: Act, { chatId, messageId }: Dispatch): Promise<Claimed | undefined> =>
  untilUndisturbed(async () => {
    const found = await findMessageInChat(act.tenant, chatId, messageId);
    if (found === undefined) return undefined;
    const { message, chat } = found;
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

/** The one call to the provider. */
export const callProvider = (
  { provider, credentials }: ProviderAccess,
  channel: ChannelRecord,
  message: MessageRecord,
): Promise<SendOutcome> => {
  if (!isOutbound(message)) throw new Error('Only an outbound message can be sent.');
  const { from, to } = message.delivery;
  return provider.send(credentials, {
    transport: message.transport,
    from,
    to,
    text: message.text,
    media: [],
    statusCallbackUrl: statusCallbackUrl(channel, message),
  });
};
