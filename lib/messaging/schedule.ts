import type { Message, Sender } from '../contract/messages.ts';
import { hasOffset, type ScheduledMessage } from '../contract/new-message.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure, requireVersion } from '../domain/failure.ts';
import { seenIn } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import {
  cancelledSchedule,
  changedSchedule,
  requireWaiting,
  scheduledMessage,
  type ScheduledRecord,
} from '../domain/scheduled.ts';
import { sendTime } from '../domain/send-time.ts';
import { getMessageWithChat } from '../table/messages.ts';
import { announce } from '../table/outbox.ts';
import { findScheduledIn, insertScheduled, replaceScheduled } from '../table/scheduled.ts';
import { getChat } from '../table/chats.ts';
import { knownSettings } from '../table/settings.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';
import { compose, readScene } from './compose.ts';
import { commitToChat } from './send.ts';

/** @throws Failure `message.send-time` */
const sendAtOf = async (act: Act, { sendAt, timeZone }: ScheduledMessage, client: ClientRecord): Promise<string> => {
  if (hasOffset(sendAt)) return sendTime(sendAt, 'UTC', act.now());
  const own = timeZone === 'client' ? client.timeZone : null;
  return sendTime(sendAt, own ?? (await knownSettings(act.tenant)).timeZone, act.now());
};

/** The message that was asked for, and what is known of its files. */
const plan = async (act: Act, chatId: ChatId, input: ScheduledMessage, sender: Sender) => {
  const scene = await readScene(act, chatId, input);
  const sendAt = await sendAtOf(act, input, scene.client);
  const message = compose(act, input, sender, scene, sendAt);
  return { message, when: { sendAt, wishedChannelId: input.channelId ?? null }, files: scene.files.steps };
};

/**
 * Checks what can be known now, and keeps the message until its time has come. One read, one more for a template and for
 * files, and one transaction.
 *
 * @throws whatever `send` does, and Failure `message.send-time`
 */
export const schedule = (
  act: Act,
  chatId: ChatId,
  input: ScheduledMessage,
  sender: Sender,
  remember: (message: Message) => Step[],
): Promise<Message> =>
  untilUndisturbed(async () => {
    const { message, when, files } = await plan(act, chatId, input, sender);
    const scheduled = scheduledMessage(message, when);
    await commitToChat(act, [
      ...remember(scheduled),
      ...files,
      ...insertScheduled(act.tenant, scheduled),
      announce(messageEvent(act, 'MessageScheduled', scheduled)),
    ]);
    return scheduled;
  });

/**
 * The scheduled message with this id, while it waits. Two reads.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `message.not-scheduled`
 */
const getWaiting = async (act: Act, chatId: ChatId, id: MessageId): Promise<ScheduledRecord> => {
  const { absorbed } = await getChat(act.tenant, chatId);
  const scheduled = await findScheduledIn(act.tenant, [chatId, ...absorbed], id);
  if (scheduled === undefined) {
    const { message } = await getMessageWithChat(act.tenant, chatId, id);
    throw new Failure('message.not-scheduled', `This message is ${message.status}.`);
  }
  requireWaiting(scheduled);
  return scheduled;
};

/** Says something else, or at another time. @throws whatever `schedule` does, and Failure `message.not-scheduled`, `version.stale` */
export const changeScheduled = (
  act: Act,
  chatId: ChatId,
  id: MessageId,
  input: ScheduledMessage,
  ifMatch: number | undefined,
): Promise<Message> =>
  untilUndisturbed(async () => {
    const before = await getWaiting(act, chatId, id);
    requireVersion(ifMatch, before.version);
    const { message, when, files } = await plan(act, chatId, input, before.sender);
    const after = changedSchedule(before, message, when);
    await commit(act.tenant, [
      replaceScheduled(act.tenant, before, after),
      ...files,
      announce(messageEvent(act, 'MessageRescheduled', after, before)),
    ]);
    return seenIn(chatId)(after);
  });

/** It will not be sent. Three reads or two, and one transaction. @throws Failure `resource.not-found`, `message.not-scheduled`, `version.stale` */
export const cancelScheduled = (act: Act, chatId: ChatId, id: MessageId, ifMatch: number | undefined): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await getWaiting(act, chatId, id);
    requireVersion(ifMatch, before.version);
    const after = cancelledSchedule(before);
    await commit(act.tenant, [
      replaceScheduled(act.tenant, before, after),
      announce(messageEvent(act, 'MessageCancelled', after, before)),
    ]);
  });
