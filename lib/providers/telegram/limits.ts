import type { LimitedMessage, LimitViolation } from '../provider.ts';

/** https://core.telegram.org/bots/api#sendmessage, #sendphoto, #sendmediagroup, #sending-files */
const MAX_TEXT = 4_096;
const MAX_CAPTION = 1_024;
const MAX_FILES = 10;
const MEGABYTE = 1_000_000;
const MAX_FILE_BYTES = 20 * MEGABYTE;

/** What this message would break. With files, the text is a caption. */
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
    return { code: 'message.too-many-files', detail: `Telegram takes ${MAX_FILES} files; these are ${media.length}.` };
  }
  const large = media.find(({ size }) => size > MAX_FILE_BYTES);
  if (large) {
    return {
      code: 'message.files-too-large',
      detail: `Telegram takes ${MAX_FILE_BYTES / MEGABYTE} MB a file; ${large.name} has ${(large.size / MEGABYTE).toFixed(1)} MB.`,
    };
  }
  return undefined;
};
