import * as z from 'zod';
import { messagePath } from './messages.ts';
import { route } from './route.ts';
import { InstantSchema } from './vocabulary.ts';

/** A call of a message's provider, and what came of it. Nothing of what was said, or to whom. */
export const AttemptSchema = z
  .object({
    attempt: z.int().min(1),
    startedAt: InstantSchema,
    durationMs: z.int().min(0),
    outcome: z
      .enum(['accepted', 'refused', 'rate-limited', 'unreachable', 'channel-fault', 'ambiguous'])
      .meta({ id: 'AttemptOutcome', description: 'ambiguous: nobody knows whether the provider accepted it' }),
    httpStatus: z.int().nullable().meta({ description: 'null: there was no answer' }),
    code: z.string().nullable().meta({ description: "The provider's own code of an error" }),
  })
  .meta({ id: 'Attempt' });
export type Attempt = z.infer<typeof AttemptSchema>;

export const listAttempts = route({
  id: 'listAttempts',
  method: 'GET',
  path: '/crm/chats/{chatId}/messages/{messageId}/attempts',
  tag: 'Messages',
  summary: 'Lists the calls of the provider that were made to send a message, oldest first',
  permission: 'Message.Read',
  params: messagePath,
  result: z.object({ items: z.array(AttemptSchema) }),
  problems: ['resource.not-found'],
});
