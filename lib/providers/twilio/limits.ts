import type { LimitedMessage, LimitViolation } from '../provider.ts';

/** Of all of Twilio's messaging channels. https://www.twilio.com/docs/api/errors/21617 */
const MAX_TEXT = 1_600;
const MEGABYTE = 1_000_000;

/** MMS: https://www.twilio.com/docs/messaging/guides/accepted-mime-types · WhatsApp: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages */
const MEDIA_LIMITS = {
  sms: { count: 10, bytes: 5 * MEGABYTE },
  whatsapp: { count: 1, bytes: 16 * MEGABYTE },
} as const;

/** What this message would break. Sizes add up over all of its files, as Twilio counts them. */
export const checkTwilioLimits = ({ transport, text, media }: LimitedMessage): LimitViolation => {
  const limits = transport === 'whatsapp' ? MEDIA_LIMITS.whatsapp : MEDIA_LIMITS.sms;
  const name = transport === 'whatsapp' ? 'WhatsApp' : 'SMS';
  if (text.length > MAX_TEXT) {
    return { code: 'message.too-long', detail: `${name} takes ${MAX_TEXT} characters; this text has ${text.length}.` };
  }
  if (media.length > limits.count) {
    return {
      code: 'message.too-many-files',
      detail: `${name} takes ${limits.count} files; these are ${media.length}.`,
    };
  }
  const bytes = media.reduce((sum, file) => sum + file.size, 0);
  if (bytes > limits.bytes) {
    return {
      code: 'message.files-too-large',
      detail: `${name} takes ${limits.bytes / MEGABYTE} MB of files; these are ${(bytes / MEGABYTE).toFixed(1)} MB.`,
    };
  }
  return undefined;
};
