import { TelegramCredentialsSchema } from '../../lib/providers/telegram/credentials.ts';
import type { SimulatedChannel, Simulator } from './channel.ts';
import { hostFile } from './hosted-media.ts';
import { BadRequestError } from './http.ts';
import type { Delivered, Inbound } from './inbound-request.ts';
import {
  deliverUpdate,
  nextMessageId,
  nextUpdateId,
  privateChat,
  telegramUser,
  unixNow,
  updatePost,
} from './telegram-updates.ts';

type Hosted = Awaited<ReturnType<typeof hostFile>>;

const PHOTOS = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** https://core.telegram.org/bots/api#photosize, #document */
const fileContent = ({ id, name, contentType, size }: Hosted): object =>
  PHOTOS.has(contentType)
    ? {
        photo: [
          { file_id: `${id}-small`, file_unique_id: `${id}-s`, file_size: Math.ceil(size / 10), width: 90, height: 60 },
          { file_id: id, file_unique_id: id, file_size: size, width: 900, height: 600 },
        ],
      }
    : { document: { file_id: id, file_unique_id: id, file_name: name, mime_type: contentType, file_size: size } };

/** What each message says: one for a text, one for every file, the text with the first. */
const contentsOf = async ({ state }: Simulator, { text, media, fields }: Inbound): Promise<readonly object[]> => {
  if (media.length === 0) return [{ ...(text === '' ? {} : { text }), ...fields }];
  const files = await Promise.all(media.map((item) => hostFile(state, item)));
  const group = files.length > 1 ? { media_group_id: files[0]?.id } : {};
  return files.map((file, index) => ({
    ...fileContent(file),
    ...group,
    ...(index === 0 && text !== '' ? { caption: text } : {}),
    ...fields,
  }));
};

/** Posts updates to the channel's own address, or to the bare one when it was addressed by the bot's name. */
export const telegramInbound = async (
  simulator: Simulator,
  channel: SimulatedChannel,
  inbound: Inbound,
): Promise<Delivered> => {
  const { botToken, webhookSecret } = TelegramCredentialsSchema.parse(channel.credentials);
  const id = Number(inbound.from);
  if (!Number.isSafeInteger(id)) throw new BadRequestError('from: a Telegram user is a number');
  const { state, deliveries, options } = simulator;
  const user = telegramUser(id, inbound.name);
  const url = inbound.channelId === undefined ? `${options.apiBase}/tg/webhook` : channel.webhookUrl;
  const updates = (await contentsOf(simulator, inbound)).map((content) => {
    const message = {
      message_id: inbound.edit ?? nextMessageId(state, botToken, id),
      from: user,
      chat: privateChat(user),
      date: unixNow(),
      ...(inbound.edit === undefined ? {} : { edit_date: unixNow() }),
      ...content,
    };
    const update_id = inbound.updateId ?? nextUpdateId(state, botToken);
    return {
      update_id,
      ...(inbound.edit === undefined ? { message } : { edited_message: message }),
      messageId: message.message_id,
    };
  });
  const posts = updates.map(({ messageId: _, ...update }) => updatePost(url, webhookSecret, update));
  const statuses = await Promise.all(
    posts.flatMap((post) => Array.from({ length: inbound.times }, () => deliverUpdate(deliveries, post))),
  );
  return { statuses, ids: { update_id: updates[0]?.update_id ?? 0, message_id: updates[0]?.messageId ?? 0 } };
};
