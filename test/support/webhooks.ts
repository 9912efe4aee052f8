import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import * as z from 'zod';
import type { Channel } from '../../lib/contract/channels.ts';
import { findChannel } from '../../local/find-channel.ts';
import { call, type Answer } from '../../local/http-client.ts';
import { newAccountSid } from './random.ts';

const FORM = 'application/x-www-form-urlencoded';

/** An address without what is for Twilio alone. */
export const addressOf = ({ webhookUrl }: Pick<Channel, 'webhookUrl'>): string => webhookUrl.replace(/#.*$/, '');

/** An incoming SMS as Twilio describes it. https://www.twilio.com/docs/messaging/guides/webhook-request */
export const smsForm = (fields: Readonly<Record<string, string>>): Record<string, string> => ({
  MessageSid: newAccountSid().replace('AC', 'SM'),
  Body: 'Hello',
  NumMedia: '0',
  ...fields,
});

/** Posts a form as Twilio would, signed with this token by Twilio's own library. */
export const postTwilio = (url: string, form: Record<string, string>, authToken: string): Promise<Answer> =>
  call('POST', url, {
    headers: { 'content-type': FORM, 'x-twilio-signature': getExpectedTwilioSignature(authToken, url, form) },
    body: new URLSearchParams(form).toString(),
  });

/** Posts a form that nobody signed, or somebody else. */
export const postForm = (
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  call('POST', url, { headers: { 'content-type': FORM, ...headers }, body: new URLSearchParams(form).toString() });

const SecretSchema = z.object({ credentials: z.object({ webhookSecret: z.string() }) });

/** The secret that Telegram was given for a bot. */
export const secretOf = async ({ id }: Channel): Promise<string> =>
  SecretSchema.parse(await findChannel({ provider: 'telegram', channelId: id })).credentials.webhookSecret;

/** Posts an update as Telegram would. */
export const postTelegram = (url: string, update: unknown, secret?: string): Promise<Answer> =>
  call('POST', url, {
    headers: { ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }) },
    body: update,
  });
