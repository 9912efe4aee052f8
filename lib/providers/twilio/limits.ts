import type { LimitedMessage, LimitViolation } from '../provider.ts';

/** Of all of Twilio's messaging channels, with files or without. https://www.twilio.com/docs/api/errors/21617 */
const MAX_TEXT = 1_600;
const MEGABYTE = 1_000_000;

/** https://www.twilio.com/docs/messaging/guides/accepted-mime-types */
const TEXT_TYPES = ['text/vcard', 'text/csv', 'text/calendar'];
const IMAGE_TYPES = ['image/jpeg', 'image/gif', 'image/png', 'image/heic', 'image/heif', 'image/tiff', 'image/bmp'];
const FILM_TYPES = ['video/mp4', 'video/mpeg', 'video/webm', 'video/quicktime', 'video/3gpp'];
const SOUND_TYPES = ['audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/3gpp', 'audio/webm', 'audio/amr'];
const OFFICE_TYPES = [
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
];

const MMS_TYPES = [...IMAGE_TYPES, ...FILM_TYPES, ...SOUND_TYPES, ...TEXT_TYPES, 'application/pdf'];

interface Limits {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  /** Of one picture, where it may have less than the rest. */
  readonly imageBytes: number;
  readonly types: readonly string[];
  /** What a text may stand beside; with anything else it would not be shown. */
  readonly typesWithText: readonly string[];
}

const MMS: Limits = {
  name: 'MMS',
  count: 10,
  bytes: 5 * MEGABYTE,
  imageBytes: 5 * MEGABYTE,
  types: MMS_TYPES,
  typesWithText: MMS_TYPES,
};

/** One file a message. https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages */
const WHATSAPP: Limits = {
  name: 'WhatsApp',
  count: 1,
  bytes: 16 * MEGABYTE,
  imageBytes: 5 * MEGABYTE,
  types: [...MMS_TYPES, 'image/webp', 'audio/aac', ...OFFICE_TYPES],
  typesWithText: [
    'image/jpeg',
    'image/png',
    'image/webp',
    'video/mp4',
    'audio/ogg',
    'audio/mpeg',
    'audio/3gpp',
    'audio/amr',
    'application/pdf',
    ...OFFICE_TYPES,
  ],
};

type Media = LimitedMessage['media'];

const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;

const checkSizes = ({ name, bytes, imageBytes }: Limits, media: Media): LimitViolation => {
  const picture = media.find(({ contentType, size }) => contentType.startsWith('image/') && size > imageBytes);
  if (picture) {
    return {
      code: 'message.files-too-large',
      detail: `${name} takes pictures of up to ${imageBytes / MEGABYTE} MB; ${picture.name} has ${megabytes(picture.size)}.`,
    };
  }
  // Sizes add up over all files, as Twilio counts them.
  const sum = media.reduce((total, { size }) => total + size, 0);
  if (sum <= bytes) return undefined;
  return {
    code: 'message.files-too-large',
    detail: `${name} takes ${bytes / MEGABYTE} MB of files; these are ${megabytes(sum)}.`,
  };
};

const checkTypes = ({ name, types, typesWithText }: Limits, text: string, media: Media): LimitViolation => {
  const strange = media.find(({ contentType }) => !types.includes(contentType));
  if (strange) {
    return {
      code: 'message.file-type',
      detail: `${name} takes no files of type ${strange.contentType} (${strange.name}), only: ${types.join(', ')}.`,
    };
  }
  const mute = text === '' ? undefined : media.find(({ contentType }) => !typesWithText.includes(contentType));
  if (!mute) return undefined;
  return {
    code: 'message.text-with-file',
    detail: `${name} shows no text beside a file of type ${mute.contentType} (${mute.name}): send the text by itself.`,
  };
};

/** What this message would break. */
export const checkTwilioLimits = ({ transport, text, media }: LimitedMessage): LimitViolation => {
  const limits = transport === 'whatsapp' ? WHATSAPP : MMS;
  if (text.length > MAX_TEXT) {
    const name = transport === 'whatsapp' ? 'WhatsApp' : 'SMS';
    return { code: 'message.too-long', detail: `${name} takes ${MAX_TEXT} characters; this text has ${text.length}.` };
  }
  if (media.length > limits.count) {
    const files = limits.count === 1 ? '1 file' : `${limits.count} files`;
    return {
      code: 'message.too-many-files',
      detail: `${limits.name} takes ${files} a message; these are ${media.length}.`,
    };
  }
  return checkTypes(limits, text, media) ?? checkSizes(limits, media);
};
