import type { InboundMedia } from '../provider.ts';
import type { TelegramFile, TelegramMessage } from './update-schema.ts';

/** What a message says: words of the client, or a description of something else. */
export interface Content {
  readonly entry: 'client' | 'system';
  readonly text: string;
  readonly media: readonly InboundMedia[];
}

const toMedia = (file: TelegramFile, name: string, contentType: string): InboundMedia => ({
  reference: file.file_id,
  name: file.file_name ?? name,
  contentType: file.mime_type ?? contentType,
  size: file.file_size ?? 0,
});

const stickerType = (sticker: NonNullable<TelegramMessage['sticker']>): readonly [string, string] => {
  if (sticker.is_video) return ['sticker.webm', 'video/webm'];
  if (sticker.is_animated) return ['sticker.tgs', 'application/x-tgsticker'];
  return ['sticker.webp', 'image/webp'];
};

/** The one file of a message: several come as several messages. A photo comes in several sizes, the largest counts. */
const fileOf = (message: TelegramMessage): InboundMedia | undefined => {
  const { photo, animation, video, video_note: videoNote, audio, voice, sticker, document } = message;
  const largest = photo?.toSorted((one, other) => other.width * other.height - one.width * one.height)[0];
  if (largest) return toMedia(largest, `photo-${message.message_id}.jpg`, 'image/jpeg');
  // An animation is also there as a document, for older clients.
  if (animation) return toMedia(animation, 'animation.mp4', 'video/mp4');
  if (video) return toMedia(video, 'video.mp4', 'video/mp4');
  if (videoNote) return toMedia(videoNote, 'video-note.mp4', 'video/mp4');
  if (audio) return toMedia(audio, 'audio.mp3', 'audio/mpeg');
  if (voice) return toMedia(voice, 'voice.ogg', 'audio/ogg');
  if (sticker) return toMedia(sticker, ...stickerType(sticker));
  if (document) return toMedia(document, 'document', 'application/octet-stream');
  return undefined;
};

const nameAndPhone = ({ first_name, last_name, phone_number }: NonNullable<TelegramMessage['contact']>): string => {
  const name = last_name === undefined ? first_name : `${first_name} ${last_name}`;
  return `${name}, ${phone_number.startsWith('+') ? phone_number : `+${phone_number}`}`;
};

/** Fields that any message may have. What else is there names the kind of an unknown one. */
const COMMON_FIELDS = new Set(
  'message_id message_thread_id date edit_date chat from sender_chat business_connection_id via_bot has_protected_content'
    .concat(' is_from_offline author_signature reply_to_message reply_markup forward_origin external_reply quote')
    .split(' '),
);

/** Services, games, stories and kinds that do not exist yet: https://core.telegram.org/bots/api#message */
const describeOther = (message: TelegramMessage): string => {
  const { venue, location, poll, dice } = message;
  // A venue is also there as a location, for older clients.
  if (venue) return `Shared a place: ${venue.title}, ${venue.address} (${at(venue.location)})`;
  if (location) return `Shared a location: ${at(location)}`;
  if (poll) return `Sent a poll: ${poll.question}`;
  if (dice) return `Threw ${dice.emoji}: ${dice.value}`;
  const kind = Object.keys(message).find((name) => !COMMON_FIELDS.has(name));
  return kind === undefined ? 'Sent an empty message.' : `Sent something that cannot be shown (${kind}).`;
};

const at = ({ latitude, longitude }: NonNullable<TelegramMessage['location']>): string => `${latitude}, ${longitude}`;

/** Reads what a message says. */
export const readContent = (message: TelegramMessage): Content => {
  if (message.text !== undefined) return { entry: 'client', text: message.text, media: [] };
  const file = fileOf(message);
  if (file) return { entry: 'client', text: message.caption ?? message.sticker?.emoji ?? '', media: [file] };
  if (message.contact) return { entry: 'client', text: nameAndPhone(message.contact), media: [] };
  return { entry: 'system', text: describeOther(message), media: [] };
};
