import { environment } from '../config/environment.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { withAttachment } from '../domain/attachment.ts';
import { Failure, notFound } from '../domain/failure.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import { getMessageWithChat, saveMessage } from '../table/messages.ts';
import { untilUndisturbed } from '../table/transaction.ts';

/**
 * Has a failed attachment fetched again. One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `attachment.not-failed`
 */
export const retryAttachment = (act: Act, chatId: ChatId, id: MessageId, place: number): Promise<MessageRecord> =>
  untilUndisturbed(async () => {
    const { message } = await getMessageWithChat(act.tenant, chatId, id);
    const attachment = message.attachments[place];
    if (attachment === undefined) throw notFound();
    if (attachment.state !== 'failed') {
      throw new Failure('attachment.not-failed', `This attachment is ${attachment.state}.`);
    }
    const dueAt = secondsAfter(act.now(), environment().REDISPATCH_SECONDS);
    const pending = withAttachment(message, place, { state: 'pending', error: null, tries: 0 });
    const next = { ...pending, dueAt };
    await saveMessage(act, message, { next, event: messageEvent(act, 'AttachmentRetried', next, message) });
    return next;
  });
