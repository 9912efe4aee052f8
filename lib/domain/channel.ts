import * as z from 'zod';
import { ChannelSchema, type Channel } from '../contract/channels.ts';
import { JobIdSchema } from '../contract/vocabulary.ts';

/** A channel as it is stored. */
export const ChannelRecordSchema = ChannelSchema.extend({
  /** Encrypted; only `lib/cloud/keys.ts` can read it. */
  sealedCredentials: z.string(),
  /** Failures of the channel itself in a row. */
  failures: z.int(),
  /** When a failing channel is probed again. */
  dueAt: z.string().nullable(),
  updatedAt: z.string(),
  /** The latest job that asked its provider for what we lack. */
  reconciliationId: JobIdSchema.nullable().default(null),
  revision: z.int(),
});
export type ChannelRecord = z.infer<typeof ChannelRecordSchema>;

/** A channel that keeps failing stops calling its provider until a probe succeeds. */
export const FAILURES_UNTIL_FAILING = 3;

/** Without this Twilio does not retry. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const TWILIO_RETRIES = '#rc=5&rp=5xx,ct,rt';

/** Where a channel's provider reaches us; they follow the public address, also when it changes. */
export const addressesOf = (
  publicBaseUrl: string,
  id: string,
  provider: Channel['provider'],
): Pick<Channel, 'webhookUrl' | 'statusCallbackUrl'> =>
  provider === 'twilio'
    ? {
        webhookUrl: `${publicBaseUrl}/crm/webhooks/twilio/${id}${TWILIO_RETRIES}`,
        statusCallbackUrl: `${publicBaseUrl}/crm/webhooks/twilio/${id}/status${TWILIO_RETRIES}`,
      }
    : { webhookUrl: `${publicBaseUrl}/tg/webhook/${id}`, statusCallbackUrl: null };
