import { createHash, timingSafeEqual } from 'node:crypto';
import type { Webhook } from '../provider.ts';
import type { TelegramCredentials } from './credentials.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Does the update carry our secret? Digests are compared, so that their length tells nothing. */
export const verifyTelegram = (credentials: TelegramCredentials, webhook: Webhook): boolean => {
  const told = webhook.headers['x-telegram-bot-api-secret-token'];
  if (!told) return false;
  const { webhookSecret } = credentials;
  return webhookSecret !== '' && timingSafeEqual(digest(webhookSecret), digest(told));
};
