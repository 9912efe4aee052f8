import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const ProviderSchema = z.enum(['twilio', 'telegram']);

/** How a request to send ended. Whatever begins with `accepted` reached the customer. */
const OutcomeSchema = z.enum([
  'accepted',
  'accepted-then-error',
  'accepted-then-hang',
  'rejected',
  'error',
  'hung',
  'rate-limited',
]);

const AttachedSchema = z.object({
  /** Where the provider fetched it; without one its bytes were handed over. */
  url: z.string().optional(),
  name: z.string(),
  contentType: z.string(),
  size: z.number(),
  sha256: z.string(),
});
/** A file that reached a provider. */
export type Attached = z.infer<typeof AttachedSchema>;

const AskSchema = z.object({
  type: z.literal('ask'),
  provider: ProviderSchema,
  /** Account SID, or the bot's id. */
  account: z.string(),
  transport: z.enum(['sms', 'whatsapp', 'telegram']),
  from: z.string(),
  to: z.string(),
  text: z.string(),
  contentSid: z.string().optional(),
  contentVariables: z.string().optional(),
  media: z.array(z.string()),
  /** What was found at these addresses, or handed over. */
  attachments: z.array(AttachedSchema).default([]),
  statusCallbackUrl: z.string().optional(),
  outcome: OutcomeSchema,
  providerMessageId: z.string().optional(),
  at: z.string(),
});
/** One request of the system to send something. */
export type Ask = z.infer<typeof AskSchema>;

const ReceivedSchema = z.object({
  type: z.literal('received'),
  provider: ProviderSchema,
  channelId: z.string(),
  transport: z.enum(['sms', 'whatsapp', 'telegram']),
  /** The channel's address. */
  address: z.string(),
  from: z.string(),
  name: z.string().optional(),
  text: z.string(),
  media: z.number(),
  status: z.number(),
  at: z.string(),
});
/** One message of a customer, handed to the system. */
export type Received = z.infer<typeof ReceivedSchema>;

const TwilioMessageSchema = z.object({
  type: z.literal('twilio-message'),
  sid: z.string(),
  account: z.string(),
  direction: z.enum(['outbound-api', 'inbound']),
  from: z.string(),
  to: z.string(),
  body: z.string(),
  media: z.array(z.string()),
  /** A file could not be fetched. */
  unfetched: z.boolean().optional(),
  /** A customer has to write before anything but a template reaches it. */
  outsideWindow: z.boolean().optional(),
  statusCallbackUrl: z.string().optional(),
  at: z.string(),
});
/** A message as Twilio keeps it. */
export type TwilioMessage = z.infer<typeof TwilioMessageSchema>;

const TwilioStatusSchema = z.object({
  type: z.literal('twilio-status'),
  sid: z.string(),
  status: z.string(),
  errorCode: z.number().optional(),
  at: z.string(),
});

const BotWebhookSchema = z.object({
  type: z.literal('bot-webhook'),
  token: z.string(),
  /** Empty when there is none. */
  url: z.string(),
  secret: z.string().optional(),
  allowedUpdates: z.array(z.string()),
});
export type BotWebhook = z.infer<typeof BotWebhookSchema>;

const FileSchema = z.object({
  type: z.literal('file'),
  id: z.string(),
  name: z.string(),
  contentType: z.string(),
  base64: z.string(),
  /** Bytes; where it is more than the content has, zeros follow. */
  size: z.number(),
  /** How often fetching it fails before it goes well. */
  failures: z.number().default(0),
});
/** A file a customer sent. */
export type HostedFile = z.infer<typeof FileSchema>;

const EntrySchema = z.discriminatedUnion('type', [
  AskSchema,
  ReceivedSchema,
  TwilioMessageSchema,
  TwilioStatusSchema,
  BotWebhookSchema,
  FileSchema,
  z.object({ type: z.literal('twilio-account'), sid: z.string(), token: z.string() }),
  z.object({ type: z.literal('opt-out'), from: z.string(), to: z.string(), optedOut: z.boolean() }),
  z.object({ type: z.literal('blocked'), chatId: z.string(), blocked: z.boolean() }),
  z.object({ type: z.literal('telegram-number'), key: z.string(), value: z.number() }),
  z.object({ type: z.literal('outbox-cleared') }),
]);
export type Entry = z.infer<typeof EntrySchema>;

/** What happened, in order; a killed simulator goes on from it. */
export interface Journal {
  readonly entries: readonly Entry[];
  append(entry: Entry): void;
}

const parseLine = (line: string): Entry[] => {
  try {
    return [EntrySchema.parse(JSON.parse(line))];
  } catch {
    // The last line of a killed process may be half a line.
    return [];
  }
};

/** Opens the journal in this folder; without one, nothing is kept. */
export const openJournal = (folder: string | undefined): Journal => {
  if (folder === undefined) return { entries: [], append: () => undefined };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'simulator.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // A half line must not swallow the next one.
  if ((lines.at(-1) ?? '') !== '') appendFileSync(file, '\n');
  return {
    entries: lines.filter((line) => line !== '').flatMap(parseLine),
    append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`),
  };
};
