import type { LimitedMessage, LimitViolation } from '../provider.ts';

/** https://core.telegram.org/bots/api#sendmessage, #sendphoto, #sendmediagroup, #sending-files */
const MAX_TEXT = 4_096;
const MAX_CAPTION = 1_024;
const MAX_FILES = 10;
const MEGABYTE = 1_000_000;
/** Of a file whose bytes we hand over, which we do with all that Telegram does not fetch; and of one request. */
const MAX_BYTES = 50 * MEGABYTE;

const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;

/** What this message would break. With files, the text is a caption. Telegram takes files of every type, as documents. */
export const checkTelegramLimits = ({ text, media }: LimitedMessage): LimitViolation => {
  const maxText = media.length > 0 ? MAX_CAPTION : MAX_TEXT;
  const what = media.length > 0 ? 'a text with files' : 'a text';
  if (text.length > maxText) {
    return {
      code: 'message.too-long',
      detail: `Telegram takes ${maxText} characters for ${what}; this one has ${text.length}.`,
    };
  }
  if (media.length > MAX_FILES) {
    return {
      code: 'message.too-many-files',
      detail: `Telegram takes ${MAX_FILES} files a message; these are ${media.length}.`,
    };
  }
  const sum = media.reduce((total, { size }) => total + size, 0);
  if (sum > MAX_BYTES) {
    return {
      code: 'message.files-too-large',
      detail: `Telegram takes ${MAX_BYTES / MEGABYTE} MB of files; these are ${megabytes(sum)}.`,
    };
  }
  return undefined;
};
