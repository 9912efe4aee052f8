import type { Message, Sender } from '../contract/messages.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { replaced } from '../domain/delivery.ts';
import { Failure } from '../domain/failure.ts';
import type { MessageRecord } from '../domain/message.ts';
import { getMessageWithChat, replaceMessage } from '../table/messages.ts';
import type { Step } from '../table/transaction.ts';
import { send } from './send.ts';

const requireResendable = ({ status, delivery, resentAs, sendAt, scheduledId }: MessageRecord): void => {
  if (sendAt !== null && scheduledId === null) {
    throw new Failure('message.not-resendable', 'No message was made of this one: write it again.');
  }
  if (delivery === null || (status !== 'failed' && status !== 'unknown')) {
    throw new Failure('message.not-resendable', `This message is ${status}.`);
  }
  if (resentAs !== null) throw new Failure('message.not-resendable', `This message was sent again as ${resentAs}.`);
};

/**
 * Sends a failed or unknown message again, once, as a new one. The former is not looked after any more; should it have got
 * through after all, both are seen.
 *
 * @throws Failure `message.not-resendable` and whatever sending throws
 */
export const resend = async (
  act: Act,
  chatId: ChatId,
  id: MessageId,
  sender: Sender,
  remember: (message: Message) => Step[],
): Promise<Message> => {
  const { message } = await getMessageWithChat(act.tenant, chatId, id);
  requireResendable(message);
  const { text, content, templateId, attachments, transport, channelId, delivery, lane } = message;
  const wish = {
    text,
    content,
    templateId: templateId ?? undefined,
    attachments: attachments.flatMap(({ uploadId }) => (uploadId === null ? [] : [{ uploadId }])),
    transport,
    channelId: channelId ?? undefined,
    resendOf: message.id,
    bulk: lane === 'bulk',
    to: delivery?.to,
  };
  return send(act, chatId, wish, sender, remember, async (next) => {
    const { message: former } = await getMessageWithChat(act.tenant, chatId, id);
    requireResendable(former);
    return [replaceMessage(act.tenant, former, replaced(former, next.id))];
  });
};
