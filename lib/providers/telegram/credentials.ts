import * as z from 'zod';
import { TelegramCredentialsInputSchema } from '../../contract/channels.ts';

/**
 * What a Telegram channel keeps. The secret is ours: Telegram repeats it in a header of every update. It stays when the
 * bot's token changes, so that no update falls between two secrets.
 * https://core.telegram.org/bots/api#setwebhook
 */
export const TelegramCredentialsSchema = TelegramCredentialsInputSchema.extend({
  webhookSecret: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/, '1 to 256 of A-Z, a-z, 0-9, _ and -'),
});

export type TelegramCredentials = z.infer<typeof TelegramCredentialsSchema>;
