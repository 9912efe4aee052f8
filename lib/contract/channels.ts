import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ChannelIdSchema, InstantSchema, ProviderNameSchema, TransportSchema } from './vocabulary.ts';

/** What a user knows of a Twilio account. */
export const TwilioCredentialsInputSchema = z.strictObject({
  // Twilio writes them in lower case.
  accountSid: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'AC and 32 hexadecimal digits')
    .transform((sid) => `AC${sid.slice(2).toLowerCase()}`),
  authToken: z.string().min(1).max(128),
});

/** What a user knows of a bot. https://core.telegram.org/bots/api#authorizing-your-bot */
export const TelegramCredentialsInputSchema = z.strictObject({
  botToken: z
    .string()
    .max(128)
    .regex(/^\d{1,20}:[A-Za-z0-9_-]+$/, 'a bot token as @BotFather gives it'),
});

/** What the sender does when a provider's answer is lost: leave it visible as unknown, or send again. */
const OnAmbiguousSchema = z.enum(['ask', 'resend']);

const MessagesPerSecondSchema = z.number().min(0.1).max(1_000).nullable().default(null).meta({
  description:
    'How fast messages go out; null: what the provider allows everybody (a bot 30, WhatsApp 80, a long number 1)',
});

export const NewChannelSchema = z
  .discriminatedUnion('provider', [
    z.strictObject({
      provider: z.literal('twilio'),
      transport: z.enum(['sms', 'whatsapp']),
      address: z.string().regex(/^\+[1-9]\d{6,14}$/, 'a phone number as E.164'),
      credentials: TwilioCredentialsInputSchema,
      onAmbiguous: OnAmbiguousSchema.default('ask'),
      messagesPerSecond: MessagesPerSecondSchema,
    }),
    z.strictObject({
      provider: z.literal('telegram'),
      transport: z.literal('telegram'),
      credentials: TelegramCredentialsInputSchema,
      onAmbiguous: OnAmbiguousSchema.default('ask'),
      messagesPerSecond: MessagesPerSecondSchema,
    }),
  ])
  .meta({ id: 'NewChannel' });
export type NewChannel = z.infer<typeof NewChannelSchema>;

/** What can change of a channel. New credentials take over while the former still verify webhooks. */
export const ChannelChangeSchema = z
  .strictObject({
    status: z.enum(['active', 'disabled']),
    onAmbiguous: OnAmbiguousSchema.default('ask'),
    messagesPerSecond: MessagesPerSecondSchema,
    credentials: z.union([TwilioCredentialsInputSchema, TelegramCredentialsInputSchema]).optional(),
  })
  .meta({ id: 'ChannelChange' });
export type ChannelChange = z.infer<typeof ChannelChangeSchema>;

/** Credentials are write-only: no answer carries them. */
export const ChannelSchema = z
  .object({
    id: ChannelIdSchema,
    transport: TransportSchema,
    provider: ProviderNameSchema,
    address: z.string(),
    webhookUrl: z.string(),
    statusCallbackUrl: z.string().nullable(),
    status: z.enum(['connecting', 'active', 'failing', 'disabled']),
    onAmbiguous: OnAmbiguousSchema,
    messagesPerSecond: MessagesPerSecondSchema,
    /** What Twilio had and we lacked, since the channel was connected; `null` until it was asked. */
    reconciliation: z
      .object({ lastReconciledAt: InstantSchema, messages: z.int(), reports: z.int() })
      .nullable()
      .default(null),
    createdAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof ChannelSchema>;

const channelPath = z.strictObject({ channelId: ChannelIdSchema });
const tag = 'Channels';

export const listChannels = route({
  id: 'listChannels',
  method: 'GET',
  path: '/crm/channels',
  tag,
  summary: 'Lists channels',
  permission: 'Channel.Read',
  query: PageQuerySchema,
  result: pageOf(ChannelSchema),
  problems: ['cursor.invalid'],
});

export const connectChannel = route({
  id: 'connectChannel',
  method: 'POST',
  path: '/crm/channels',
  tag,
  summary: 'Connects a number or a bot',
  permission: 'Channel.Manage',
  body: NewChannelSchema,
  result: ChannelSchema,
  statuses: [201],
  problems: ['channel.duplicate', 'channel.refused', 'provider.unavailable'],
  creates: true,
});

export const getChannel = route({
  id: 'getChannel',
  method: 'GET',
  path: '/crm/channels/{channelId}',
  tag,
  summary: 'Gets a channel',
  permission: 'Channel.Read',
  params: channelPath,
  result: ChannelSchema,
  problems: ['resource.not-found'],
});

export const replaceChannel = route({
  id: 'replaceChannel',
  method: 'PUT',
  path: '/crm/channels/{channelId}',
  tag,
  summary: 'Enables, disables or re-keys a channel',
  permission: 'Channel.Manage',
  params: channelPath,
  body: ChannelChangeSchema,
  result: ChannelSchema,
  problems: ['resource.not-found', 'channel.connecting', 'version.stale', 'channel.refused', 'provider.unavailable'],
});

export const disconnectChannel = route({
  id: 'disconnectChannel',
  method: 'DELETE',
  path: '/crm/channels/{channelId}',
  tag,
  summary: 'Disconnects a channel; its messages stay',
  permission: 'Channel.Manage',
  params: channelPath,
  problems: ['resource.not-found', 'channel.connecting', 'version.stale'],
});
