import { Telegram } from 'telegraf';
import { providerAgent } from '../network.ts';
import type { ProviderSettings } from '../provider.ts';
import type { TelegramCredentials } from './credentials.ts';

/** What every call of the library takes to end in time. */
export type CallOptions = NonNullable<Parameters<Telegram['callApi']>[2]>;
type LibrarySignal = NonNullable<CallOptions['signal']>;

/** The library's types name another package's AbortSignal; node-fetch, which receives it, takes any. */
const isLibrarySignal = (signal: object): signal is LibrarySignal => signal instanceof AbortSignal;

/**
 * Runs calls of the library's client, which end together when their time is up. The client does not retry;
 * `webhookReply` would answer calls into an HTTP response of ours.
 */
export const withTelegram = <Result>(
  { botToken }: TelegramCredentials,
  settings: ProviderSettings,
  run: (bot: Telegram, options: CallOptions) => Promise<Result>,
): Promise<Result> => {
  const bot = new Telegram(botToken, {
    apiRoot: settings.apiBase,
    agent: providerAgent(settings.timeoutMs),
    webhookReply: false,
  });
  const signal = AbortSignal.timeout(settings.timeoutMs);
  return run(bot, isLibrarySignal(signal) ? { signal } : {});
};
