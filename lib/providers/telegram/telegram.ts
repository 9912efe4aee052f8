import type { Provider, ProviderSettings } from '../provider.ts';
import { connectTelegram, disconnectTelegram, probeTelegram } from './bot.ts';
import { TelegramCredentialsSchema, type TelegramCredentials } from './credentials.ts';
import { fetchTelegramMedia } from './fetch-media.ts';
import { parseTelegramInbound } from './inbound.ts';
import { checkTelegramLimits } from './limits.ts';
import { sendTelegram } from './send.ts';
import { verifyTelegram } from './verify.ts';

/** Private chats with a bot, through Telegram's Bot API. It cannot be asked what it has sent, and reports nothing. */
export const telegramProvider = (settings: ProviderSettings): Provider<TelegramCredentials> => ({
  name: 'telegram',
  transports: ['telegram'],
  credentials: TelegramCredentialsSchema,
  connect: (credentials, { webhookUrl }) => connectTelegram(credentials, webhookUrl, settings),
  disconnect: (credentials) => disconnectTelegram(credentials, settings),
  probe: (credentials) => probeTelegram(credentials, settings),
  checkLimits: checkTelegramLimits,
  send: (credentials, message) => sendTelegram(credentials, message, settings),
  fetchMedia: (credentials, reference, maxBytes) => fetchTelegramMedia(credentials, reference, maxBytes, settings),
  verify: verifyTelegram,
  parseInbound: parseTelegramInbound,
  parseReport: () => undefined,
});
