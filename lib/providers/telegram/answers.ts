import * as z from 'zod';
import { unanswered } from '../network.ts';

/** The library's TelegramError, which carries the Bot API's answer. https://core.telegram.org/bots/api#making-requests */
const TelegramErrorSchema = z.object({
  response: z.object({
    error_code: z.number(),
    description: z.string().catch(''),
    parameters: z.object({ retry_after: z.number().optional() }).optional(),
  }),
});

export type TelegramAnswer =
  | { readonly kind: 'answered'; readonly code: number; readonly text: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'unreachable' | 'ambiguous'; readonly detail: string; readonly httpStatus?: number };

/** What a failed call came to: an answer of the Bot API, or none. Texts of the HTTP client are not repeated: they hold the token. */
export const readFailure = (error: unknown): TelegramAnswer => {
  const known = TelegramErrorSchema.safeParse(error);
  if (!known.success) return unanswered(error);
  const { error_code: code, description, parameters } = known.data.response;
  if (code >= 500) return { kind: 'ambiguous', detail: `Telegram answered ${code}`, httpStatus: code };
  const text = description === '' ? `Telegram answered ${code}` : description;
  return parameters?.retry_after === undefined
    ? { kind: 'answered', code, text }
    : { kind: 'answered', code, text, retryAfterSeconds: parameters.retry_after };
};

/** A wrong or revoked token is answered 401, one of a wrong form 404. */
export const isBadToken = (code: number): boolean => code === 401 || code === 404;
