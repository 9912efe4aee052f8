import type { Message, Sender } from '../contract/messages.ts';
import type { ChatId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { chatOpenedBySending } from '../domain/chat-message.ts';
import type { MessageRecord } from '../domain/message.ts';
import { chatEvent, messageEvent } from '../domain/occurrence.ts';
import { ChatGone, enterOutbound } from '../table/chat-entry.ts';
import { enterMember } from '../table/member-entry.ts';
import { insertMessage } from '../table/messages.ts';
import { announce, dispatch } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { compose, readScene, type Wish } from './compose.ts';

/** A chat that nobody has opened is opened by our first message, and that is announced. */
const openingSteps = (act: Act, chat: ChatRecord, message: MessageRecord): Step[] =>
  chat.openedAt === null ? [announce(chatEvent(act, 'ChatCreated', chatOpenedBySending(chat, message)))] : [];

/** What it takes that a message of ours is the latest in its chat: queued, or what could not be sent. */
export const enterSteps = (act: Act, chat: ChatRecord, message: MessageRecord): Step[] => [
  enterOutbound(act.tenant, message, chat),
  insertMessage(act.tenant, message),
  ...enterMember(act.tenant, message),
  ...openingSteps(act, chat, message),
  message.status === 'failed'
    ? announce(messageEvent(act, 'MessageFailed', message))
    : dispatch(act, message, messageEvent(act, 'MessageQueued', message)),
];

/** Deleted, or merged into another client, since it was read: reading it again says which. */
export const commitToChat = (act: Act, steps: readonly Step[]): Promise<void> =>
  commit(act.tenant, steps).catch((error: unknown) => {
    throw error instanceof ChatGone ? new Raced('The chat is not there any more.') : error;
  });

/**
 * Checks what can be known before anything is sent, then queues the message. One read, one more for a template and for files,
 * and one transaction.
 *
 * @param remember gives what makes the transaction happen once, for the reply that carries this message
 * @param also gives what else belongs into the transaction
 * @throws Failure `resource.not-found`, `template.not-found`, `contact.opted-out`, `channel.disabled`,
 * `whatsapp.window-closed` or one of `message.*` or `upload.*`
 */
export const send = (
  act: Act,
  chatId: ChatId,
  wish: Wish,
  sender: Sender,
  remember: (message: Message) => Step[],
  also: (message: Message) => Promise<Step[]> = () => Promise.resolve([]),
): Promise<Message> =>
  untilUndisturbed(async () => {
    const scene = await readScene(act, chatId, wish);
    const message = compose(act, wish, sender, scene, instant(act.now()));
    await commitToChat(act, [
      ...remember(message),
      ...(await also(message)),
      ...scene.files.steps,
      ...enterSteps(act, scene.chat, message),
    ]);
    return message;
  });
