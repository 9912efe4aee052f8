import type { Telegram } from 'telegraf';
import * as z from 'zod';
import type { OutboundMedia, OutboundMessage, ProviderSettings, SendOutcome } from '../provider.ts';
import { isBadToken, readFailure, type TelegramAnswer } from './answers.ts';
import type { CallOptions } from './client.ts';
import type { TelegramCredentials } from './credentials.ts';
import { documentInput, FileUnavailableError, isPhoto } from './files.ts';
import { telegramMessageId } from './message-id.ts';

const SentSchema = z.object({ message_id: z.number(), chat: z.object({ id: z.number() }) });
/** An album is several messages; the first carries the text and stands for all. */
const ResultSchema = z.union([SentSchema, z.array(SentSchema).min(1)]);

const DEFAULT_WAIT_SECONDS = 3;

interface Call {
  readonly bot: Telegram;
  readonly chat: string;
  readonly caption: { readonly caption?: string };
  readonly options: CallOptions;
}

/** 2 to 10 files: https://core.telegram.org/bots/api#sendmediagroup. Documents do not mix with pictures. */
const sendAlbum = async ({ bot, chat, caption, options }: Call, files: readonly OutboundMedia[]): Promise<unknown> => {
  if (files.every(isPhoto)) {
    const media = files.map(({ url }, index) => ({
      type: 'photo' as const,
      media: url,
      ...(index === 0 ? caption : {}),
    }));
    return bot.callApi('sendMediaGroup', { chat_id: chat, media }, options);
  }
  const media = await Promise.all(
    files.map(async (file, index) => ({
      type: 'document' as const,
      media: await documentInput(file),
      ...(index === 0 ? caption : {}),
    })),
  );
  return bot.callApi('sendMediaGroup', { chat_id: chat, media }, options);
};

const sendFile = async ({ bot, chat, caption, options }: Call, file: OutboundMedia): Promise<unknown> =>
  isPhoto(file)
    ? bot.callApi('sendPhoto', { chat_id: chat, photo: file.url, ...caption }, options)
    : bot.callApi('sendDocument', { chat_id: chat, document: await documentInput(file), ...caption }, options);

const call = (bot: Telegram, { to, text, media }: OutboundMessage, options: CallOptions): Promise<unknown> => {
  const [file, ...others] = media;
  if (!file) return bot.callApi('sendMessage', { chat_id: to, text }, options);
  const request = { bot, chat: to, caption: text === '' ? {} : { caption: text }, options };
  return others.length > 0 ? sendAlbum(request, media) : sendFile(request, file);
};

const refusal = (answer: TelegramAnswer): SendOutcome => {
  if (answer.kind !== 'answered') return answer;
  const { code, text, retryAfterSeconds } = answer;
  if (code === 429) {
    // The limit that a conversation meets is the chat's: about one message a second. The bot's own, 30 a second over
    // all chats, shows in each of them. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    return { kind: 'rate-limited', retryAfterSeconds: retryAfterSeconds ?? DEFAULT_WAIT_SECONDS, scope: 'chat' };
  }
  if (isBadToken(code)) return { kind: 'channel-fault', code: String(code), detail: text };
  return {
    kind: 'refused',
    code: String(code),
    detail: text,
    optedOut: code === 403 && /blocked by the user/i.test(text),
  };
};

/** Asks Telegram once to send this message. Telegram has no status callbacks: accepted is all there is to know. */
export const sendTelegram = async (
  credentials: TelegramCredentials,
  message: OutboundMessage,
  settings: ProviderSettings,
): Promise<SendOutcome> => {
  const { withTelegram } = await import('./client.ts');
  try {
    const result = ResultSchema.safeParse(
      await withTelegram(credentials, settings, (bot, options) => call(bot, message, options)),
    );
    const sent = Array.isArray(result.data) ? result.data[0] : result.data;
    return sent
      ? { kind: 'accepted', providerMessageId: telegramMessageId(sent.chat.id, sent.message_id), httpStatus: 200 }
      : { kind: 'ambiguous', detail: 'Telegram accepted without naming the message', httpStatus: 200 };
  } catch (error) {
    if (error instanceof FileUnavailableError) return { kind: 'unreachable', detail: error.message };
    const failure = readFailure(error);
    const outcome = refusal(failure);
    return failure.kind === 'answered' ? { ...outcome, httpStatus: failure.code } : outcome;
  }
};
