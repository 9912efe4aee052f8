import * as z from 'zod';
import { MediaSchema } from './hosted-media.ts';

/** What the body of `POST /simulator/inbound` says. */
export const InboundSchema = z
  .strictObject({
    provider: z.enum(['twilio', 'telegram']),
    channelId: z.string().min(1).optional(),
    address: z.string().min(1).optional(),
    /** With an address: which of two channels with one number. */
    transport: z.enum(['sms', 'whatsapp', 'telegram']).optional(),
    from: z.union([z.string().min(1), z.number().transform(String)]),
    name: z.string().optional(),
    text: z.string().default(''),
    media: z.array(MediaSchema).max(10).default([]),
    /** How often the very same webhook is posted, all at once. */
    times: z.number().int().min(1).max(100).default(1),
    /** The number of the Telegram message that this one edits. */
    edit: z.number().int().optional(),
    /** Put into Twilio's form or Telegram's message as they are: `OptOutType`, `contact`, `location` … */
    fields: z.record(z.string(), z.unknown()).default({}),
    /** Replays an earlier webhook's identity. */
    sid: z.string().optional(),
    updateId: z.number().int().optional(),
  })
  .refine((body) => body.channelId !== undefined || body.address !== undefined, 'channelId or address is needed');
export type Inbound = z.output<typeof InboundSchema>;

/** What a provider's side makes of a message: the first tries' statuses, and how the provider names it. */
export interface Delivered {
  readonly statuses: readonly number[];
  readonly ids: Readonly<Record<string, string | number>>;
  /** The webhook was lost on its way. */
  readonly dropped?: boolean;
}
