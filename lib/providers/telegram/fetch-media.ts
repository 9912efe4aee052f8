import * as z from 'zod';
import { download, downloadDeadline } from '../download.ts';
import type { FetchedMedia, ProviderSettings } from '../provider.ts';
import { isBadToken, readFailure } from './answers.ts';
import type { TelegramCredentials } from './credentials.ts';

/** https://core.telegram.org/bots/api#file. The path is put into an address: letters, digits and slashes, and no way up. */
const FileSchema = z.object({
  file_path: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/),
  file_size: z.number().optional(),
});

/** "For the moment, bots can download files of up to 20MB in size." https://core.telegram.org/bots/api#getfile */
const TOO_LARGE: FetchedMedia = {
  kind: 'refused',
  code: 'attachment.too-large',
  detail: 'Telegram lets a bot fetch files of up to 20 MB only.',
};

const refusal = (error: unknown): FetchedMedia => {
  const answer = readFailure(error);
  if (answer.kind !== 'answered') return { kind: 'unavailable', detail: answer.detail };
  if (/file is too big/i.test(answer.text)) return TOO_LARGE;
  const passes = answer.code === 429 || isBadToken(answer.code);
  return passes
    ? { kind: 'unavailable', detail: `Telegram answered ${answer.code}` }
    : { kind: 'refused', code: 'attachment.gone', detail: answer.text };
};

const findPath = async (
  credentials: TelegramCredentials,
  reference: string,
  settings: ProviderSettings,
): Promise<{ readonly path: string } | FetchedMedia> => {
  const { withTelegram } = await import('./client.ts');
  try {
    const file = FileSchema.safeParse(
      await withTelegram(credentials, settings, (bot, options) =>
        bot.callApi('getFile', { file_id: reference }, options),
      ),
    );
    return file.success ? { path: file.data.file_path } : { kind: 'unavailable', detail: 'Telegram named no path' };
  } catch (error) {
    return refusal(error);
  }
};

/** Asks Telegram where a file is, and fetches it from there. The address holds the bot's token: it is told nobody. */
export const fetchTelegramMedia = async (
  credentials: TelegramCredentials,
  reference: string,
  maxBytes: number,
  settings: ProviderSettings,
): Promise<FetchedMedia> => {
  if (reference === '') {
    return { kind: 'refused', code: 'attachment.unknown', detail: 'The provider did not say which file it is.' };
  }
  const found = await findPath(credentials, reference, settings);
  if (!('path' in found)) return found;
  const url = `${settings.apiBase}/file/bot${credentials.botToken}/${found.path}`;
  const answer = await download(url, { maxBytes, signal: downloadDeadline(settings.timeoutMs) });
  return answer.kind === 'redirect' ? { kind: 'unavailable', detail: 'Telegram led somewhere else' } : answer;
};
