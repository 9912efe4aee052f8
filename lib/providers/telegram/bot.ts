import type { ConnectOutcome, ProviderSettings } from '../provider.ts';
import { isBadToken, readFailure } from './answers.ts';
import type { withTelegram } from './client.ts';
import type { TelegramCredentials } from './credentials.ts';

/** Messages, their edits, and clients who block the bot; nothing of groups' and channels' own. */
const ALLOWED_UPDATES = ['message', 'edited_message', 'my_chat_member'] as const;

/** Loaded on first use: webhooks, which share this module, never need the client. */
const withBot: typeof withTelegram = async (...call) => (await import('./client.ts')).withTelegram(...call);

/** Asks who the bot is and tells Telegram where to deliver. https://core.telegram.org/bots/api#setwebhook */
export const connectTelegram = async (
  credentials: TelegramCredentials,
  webhookUrl: string,
  settings: ProviderSettings,
): Promise<ConnectOutcome> => {
  const webhook = {
    url: webhookUrl,
    secret_token: credentials.webhookSecret,
    allowed_updates: ALLOWED_UPDATES,
    // What clients wrote while nobody listened is theirs to be read.
    drop_pending_updates: false,
  };
  try {
    const { username } = await withBot(credentials, settings, async (bot, options) => {
      const me = await bot.callApi('getMe', {}, options);
      await bot.callApi('setWebhook', webhook, options);
      return me;
    });
    return { kind: 'connected', address: `@${username}` };
  } catch (error) {
    const answer = readFailure(error);
    if (answer.kind !== 'answered') return { kind: 'unavailable', detail: answer.detail };
    if (answer.code === 429) return { kind: 'unavailable', detail: answer.text };
    return {
      kind: 'refused',
      detail: isBadToken(answer.code) ? 'Telegram does not know this bot token.' : answer.text,
    };
  }
};

/** Tells Telegram to deliver no more. A bot that cannot be told, or whose token is gone, is let go all the same. */
export const disconnectTelegram = async (
  credentials: TelegramCredentials,
  settings: ProviderSettings,
): Promise<void> => {
  await withBot(credentials, settings, (bot, options) => bot.callApi('deleteWebhook', {}, options)).catch(
    () => undefined,
  );
};

/** Does the token still open the bot? */
export const probeTelegram = async (
  credentials: TelegramCredentials,
  settings: ProviderSettings,
): Promise<'usable' | 'unusable' | 'unavailable'> => {
  try {
    await withBot(credentials, settings, (bot, options) => bot.callApi('getMe', {}, options));
    return 'usable';
  } catch (error) {
    const answer = readFailure(error);
    return answer.kind === 'answered' && isBadToken(answer.code) ? 'unusable' : 'unavailable';
  }
};
