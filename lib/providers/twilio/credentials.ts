import * as z from 'zod';
import { TwilioCredentialsInputSchema } from '../../contract/channels.ts';
import { InstantSchema } from '../../contract/vocabulary.ts';

/** What a Twilio channel keeps. For a while after an auth token was replaced, webhooks signed with the former still count. */
export const TwilioCredentialsSchema = TwilioCredentialsInputSchema.extend({
  previous: z.object({ authToken: z.string().min(1).max(128), until: InstantSchema }).optional(),
});

export type TwilioCredentials = z.infer<typeof TwilioCredentialsSchema>;
