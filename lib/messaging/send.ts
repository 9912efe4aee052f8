import type { Message, NewMessage, Sender } from '../contract/messages.ts';
import type { Template } from '../contract/templates.ts';
import type { ChannelId, ChatId, MessageId, TemplateId, Transport, UploadId } from '../contract/vocabulary.ts';
import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { chatOpenedBySending, routeBack, type ChatRecord } from '../domain/chat.ts';
import { addressOn, type ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { queuedMessage, type MessageRecord } from '../domain/message.ts';
import { chatEvent, messageEvent } from '../domain/occurrence.ts';
import { ChatGone, enterOutbound } from '../table/chat-entry.ts';
import { getChatAndClient } from '../table/chats.ts';
import { knownChannels } from '../table/channels.ts';
import { enterMember } from '../table/member-entry.ts';
import { insertMessage } from '../table/messages.ts';
import { announce, dispatch } from '../table/outbox.ts';
import { findTemplate } from '../table/templates.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { configuredProvider } from './provider-access.ts';
import type { TakenFiles } from './take-files.ts';

interface Wish {
  readonly text?: string | undefined;
  /** Whose text is sent unless there is one. */
  readonly templateId?: TemplateId | undefined;
  readonly attachments?: readonly { readonly uploadId: UploadId }[] | undefined;
  readonly transport?: Transport | undefined;
  readonly channelId?: ChannelId | undefined;
  readonly resendOf?: MessageId;
  /** Where the message went that is sent again: a client may have several addresses. */
  readonly to?: string | undefined;
}

const noFiles: TakenFiles = { attachments: [], steps: [] };

const noChannel = (detail: string): Failure => new Failure('message.no-channel', detail);

/** Said, or that of the channel that was said, or the one the client last wrote on, or the one it prefers. */
const chooseTransport = (
  wish: Wish,
  chat: ChatRecord,
  client: ClientRecord,
  channels: readonly ChannelRecord[],
): Transport => {
  const said = wish.transport ?? channels.find(({ id }) => id === wish.channelId)?.transport;
  const transport = said ?? chat.lastInboundTransport ?? client.preferredTransport;
  if (transport !== null) return transport;
  throw new Failure(
    'message.no-transport',
    'The client has not written yet and prefers no transport: say which to use.',
  );
};

const chooseChannel = (
  wish: Wish,
  transport: Transport,
  chat: ChatRecord,
  channels: readonly ChannelRecord[],
): ChannelRecord => {
  const fitting = channels.filter((channel) => channel.transport === transport && channel.status !== 'connecting');
  if (wish.channelId !== undefined) {
    const said = fitting.find(({ id }) => id === wish.channelId);
    if (said === undefined) throw noChannel(`There is no ${transport} channel with this id.`);
    if (said.status === 'disabled') throw new Failure('channel.disabled', 'This channel is disabled.');
    return said;
  }
  const usable = fitting.filter(({ status }) => status !== 'disabled');
  const [first, ...others] = usable;
  const last = usable.find(({ id }) => id === routeBack(chat, transport)?.channelId);
  if (last !== undefined) return last;
  if (first === undefined) throw noChannel(`No ${transport} channel is connected.`);
  if (others.length > 0) throw noChannel(`Several ${transport} channels are connected: say which to use in channelId.`);
  return first;
};

const chooseAddress = (wish: Wish, transport: Transport, chat: ChatRecord, client: ClientRecord): string => {
  const found = addressOn(client, transport, wish.to ?? routeBack(chat, transport)?.address);
  if (found === undefined) throw new Failure('message.no-address', `The client has no address for ${transport}.`);
  if (found.optedOut) {
    throw new Failure('contact.opted-out', 'The client has asked not to be written to on this contact.');
  }
  if (transport === 'telegram' && !/^\d+$/.test(found.address)) {
    throw new Failure(
      'message.no-address',
      'A bot can write to a Telegram user only after the user has written to it.',
    );
  }
  return found.address;
};

const checkLimits = ({ provider, transport }: ChannelRecord, text: string, media: TakenFiles['attachments']): void => {
  const violation = configuredProvider(provider).checkLimits({ transport, text, media });
  if (violation !== undefined) throw new Failure('message.limit', violation.detail);
};

/** What was written, or what the template says now. @throws Failure `template.not-found` */
const textOf = ({ text, templateId }: Wish, template: Template | undefined): string => {
  if (text !== undefined) return text;
  if (template !== undefined) return template.template;
  if (templateId === undefined) return '';
  throw new Failure('template.not-found', 'There is no template with this templateId.');
};

const templateOf = ({ text, templateId }: Wish, { tenant }: Act): Promise<Template | undefined> =>
  text !== undefined || templateId === undefined ? Promise.resolve(undefined) : findTemplate(tenant, templateId);

/** Loaded on first use: most messages carry no files. */
const filesOf = async (act: Act, { attachments = [] }: Wish, chat: ChatRecord): Promise<TakenFiles> =>
  attachments.length === 0 ? noFiles : (await import('./take-files.ts')).takeFiles(act, chat, attachments);

const compose = (
  act: Act,
  wish: Wish & { readonly text: string; readonly files: TakenFiles },
  sender: Sender,
  chat: ChatRecord,
  client: ClientRecord,
  channels: readonly ChannelRecord[],
): MessageRecord => {
  const transport = chooseTransport(wish, chat, client, channels);
  const channel = chooseChannel(wish, transport, chat, channels);
  const to = chooseAddress(wish, transport, chat, client);
  const { attachments } = wish.files;
  checkLimits(channel, wish.text, attachments);
  return queuedMessage(act, chat.id, {
    transport,
    channelId: channel.id,
    provider: channel.provider,
    sender,
    text: wish.text,
    attachments,
    templateId: wish.templateId ?? null,
    from: channel.address,
    to,
    resendOf: wish.resendOf ?? null,
    dueAt: secondsAfter(act.now(), environment().REDISPATCH_SECONDS),
  });
};

/** A chat that nobody has opened is opened by our first message, and that is announced. */
const openingSteps = (act: Act, chat: ChatRecord, message: MessageRecord): Step[] =>
  chat.openedAt === null ? [announce(chatEvent(act, 'ChatCreated', chatOpenedBySending(chat, message)))] : [];

/**
 * Checks what can be known before anything is sent, then queues the message. One read, one more for a template and for files,
 * and one transaction.
 *
 * @param remember gives what makes the transaction happen once, for the reply that carries this message
 * @param also gives what else belongs into the transaction
 * @throws Failure `resource.not-found`, `template.not-found`, `contact.opted-out`, `channel.disabled` or one of `message.*` or `upload.*`
 */
export const send = (
  act: Act,
  chatId: ChatId,
  wish: Wish | NewMessage,
  sender: Sender,
  remember: (message: Message) => Step[],
  also: (message: Message) => Promise<Step[]> = () => Promise.resolve([]),
): Promise<Message> =>
  untilUndisturbed(async () => {
    const [{ chat, client }, channels, template] = await Promise.all([
      getChatAndClient(act.tenant, chatId),
      knownChannels(act.tenant),
      templateOf(wish, act),
    ]);
    const files = await filesOf(act, wish, chat);
    const written = { ...wish, text: textOf(wish, template), files };
    const message = compose(act, written, sender, chat, client, channels);
    const steps = [
      ...remember(message),
      ...(await also(message)),
      ...files.steps,
      enterOutbound(act.tenant, message, chat),
      insertMessage(act.tenant, message),
      ...enterMember(act.tenant, message),
      ...openingSteps(act, chat, message),
      dispatch(act, message, messageEvent(act, 'MessageQueued', message)),
    ];
    await commit(act.tenant, steps).catch((error: unknown) => {
      // Deleted, or merged into another client, since it was read: reading it again says which.
      throw error instanceof ChatGone ? new Raced('The chat is not there any more.') : error;
    });
    return message;
  });
