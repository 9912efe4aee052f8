import type { Sender } from '../contract/messages.ts';
import type { Content } from '../contract/new-message.ts';
import type { Template } from '../contract/templates.ts';
import type { ChannelId, ChatId, MessageId, TemplateId, Transport, UploadId } from '../contract/vocabulary.ts';
import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { routeBack, type ChatRecord } from '../domain/chat.ts';
import { addressOn, type ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { queuedMessage, type MessageRecord } from '../domain/message.ts';
import { isOutsideWindow, windowClosed } from '../domain/whatsapp-window.ts';
import { getChatAndClient } from '../table/chats.ts';
import { knownChannels } from '../table/channels.ts';
import { findTemplate } from '../table/templates.ts';
import { configuredProvider } from './provider-access.ts';
import type { TakenFiles } from './take-files.ts';

export interface Wish {
  readonly text?: string | undefined;
  readonly content?: Content | null | undefined;
  /** Whose text is sent unless there is one. */
  readonly templateId?: TemplateId | undefined;
  readonly attachments?: readonly { readonly uploadId: UploadId }[] | undefined;
  readonly transport?: Transport | undefined;
  readonly channelId?: ChannelId | undefined;
  /** Which of several is meant that nothing else tells apart. */
  readonly usualChannelId?: ChannelId | null;
  readonly resendOf?: MessageId;
  readonly bulk?: boolean | undefined;
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
  const known = [routeBack(chat, transport)?.channelId, wish.usualChannelId];
  const [last] = known.flatMap((id) => usable.find((channel) => channel.id === id) ?? []);
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

const checkContent = ({ provider }: ChannelRecord, content: Wish['content']): void => {
  if (provider === 'twilio' || content === undefined || content === null) return;
  throw new Failure('message.content', `Content templates are Twilio’s; this channel is one of ${provider}.`);
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

/** All that has to be known to put a message together. */
export interface Scene {
  readonly chat: ChatRecord;
  readonly client: ClientRecord;
  readonly channels: readonly ChannelRecord[];
  readonly text: string;
  readonly files: TakenFiles;
}

/**
 * One read, and one more for a template and for files.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `template.not-found` or one of `upload.*`
 */
export const readScene = async (act: Act, chatId: ChatId, wish: Wish): Promise<Scene> => {
  const [{ chat, client }, channels, template] = await Promise.all([
    getChatAndClient(act.tenant, chatId),
    knownChannels(act.tenant),
    templateOf(wish, act),
  ]);
  const files = await filesOf(act, wish, chat);
  return { chat, client, channels, text: textOf(wish, template), files };
};

/**
 * The message that is wished for, as it would be queued now.
 *
 * @param at when it is to be sent, ISO 8601: whether WhatsApp takes it depends on that
 * @throws Failure `contact.opted-out`, `channel.disabled`, `whatsapp.window-closed` or one of `message.*`
 */
export const compose = (act: Act, wish: Wish, sender: Sender, scene: Scene, at: string): MessageRecord => {
  const { chat, client, channels, text, files } = scene;
  const transport = chooseTransport(wish, chat, client, channels);
  const channel = chooseChannel(wish, transport, chat, channels);
  const to = chooseAddress(wish, transport, chat, client);
  checkContent(channel, wish.content);
  checkLimits(channel, text, files.attachments);
  const message = queuedMessage(act, chat.id, {
    transport,
    channelId: channel.id,
    provider: channel.provider,
    sender,
    text,
    content: wish.content ?? null,
    attachments: files.attachments,
    templateId: wish.templateId ?? null,
    from: channel.address,
    to,
    resendOf: wish.resendOf ?? null,
    lane: wish.bulk === true ? 'bulk' : 'conversation',
    dueAt: secondsAfter(act.now(), environment().REDISPATCH_SECONDS),
  });
  if (isOutsideWindow(chat, message, at)) throw new Failure('whatsapp.window-closed', windowClosed);
  return message;
};
