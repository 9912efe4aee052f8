import * as z from 'zod';
import { route } from './route.ts';
import { InstantSchema } from './vocabulary.ts';

/** Whoever sends the code to the bot within a quarter of an hour is told there from then on. */
export const TelegramLinkSchema = z
  .object({
    code: z.string(),
    url: z.string().meta({ description: 'Opens the bot with the code; the user has to press Start' }),
    expiresAt: InstantSchema,
  })
  .meta({ id: 'TelegramLink' });
export type TelegramLink = z.infer<typeof TelegramLinkSchema>;

const path = '/crm/users/me/telegram-link';
const tag = 'Users';

export const createTelegramLink = route({
  id: 'createTelegramLink',
  method: 'POST',
  path,
  tag,
  summary: 'Makes a one-time code that links a Telegram account to the user',
  permission: 'User.Read',
  result: TelegramLinkSchema,
  problems: ['telegram.no-bot'],
});

export const deleteTelegramLink = route({
  id: 'deleteTelegramLink',
  method: 'DELETE',
  path,
  tag,
  summary: "Unlinks the user's Telegram account",
  permission: 'User.Read',
});
