import * as z from 'zod';
import { MAX_ATTACHMENTS } from './files.ts';
import { ChannelIdSchema, TemplateIdSchema, TransportSchema, UploadIdSchema } from './vocabulary.ts';

const MAX_VARIABLES = 100;

/**
 * A template that Twilio keeps and WhatsApp has approved, with what fills its places.
 * https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder
 */
export const ContentSchema = z
  .strictObject({
    contentSid: z.string().regex(/^HX[0-9a-f]{32}$/i, 'a content SID of Twilio, HX and 32 hexadecimal digits'),
    variables: z
      .record(z.string().min(1).max(64), z.string().max(1600))
      .refine((variables) => Object.keys(variables).length <= MAX_VARIABLES, `at most ${MAX_VARIABLES} variables`)
      .default({}),
  })
  .meta({ id: 'Content', example: { contentSid: 'HXb5b62575e6e4ff6129ad7c8efe1f983e', variables: { '1': 'Olim' } } });
export type Content = z.infer<typeof ContentSchema>;

const SendAtSchema = z.iso.datetime({ offset: true, local: true }).meta({
  description:
    'When to send: an instant with its offset from UTC, or a local time (2027-03-01T09:30) together with `timeZone`. Later than now, within a year',
  example: '2027-03-01T09:30:00+05:00',
});

const TimeZoneOfSchema = z
  .enum(['client', 'tenant'])
  .meta({ description: 'Whose local time `sendAt` is; a client without a time zone has the tenant’s' });

export const hasOffset = (time: string): boolean => /(?:Z|[+-]\d\d:\d\d)$/.test(time);

const parts = {
  text: z
    .string()
    .min(1)
    .refine((text) => text.trim() !== '', 'must not be blank')
    .optional()
    .meta({ description: 'May be left out where there is something else to send' }),
  templateId: TemplateIdSchema.optional().meta({ description: 'Sends the text that this template has now' }),
  content: ContentSchema.optional().meta({
    description: 'Sends a template of Twilio’s Content API, on WhatsApp or by SMS; never together with anything else',
  }),
  attachments: z
    .array(z.strictObject({ uploadId: UploadIdSchema }))
    .min(1)
    .max(MAX_ATTACHMENTS)
    .optional()
    .meta({ description: 'Files that were uploaded, in their order' }),
  transport: TransportSchema.optional().meta({ description: 'Unless said: the one the client last wrote on' }),
  channelId: ChannelIdSchema.optional().meta({ description: 'Unless said: the one the conversation is on' }),
  timeZone: TimeZoneOfSchema.optional(),
  bulk: z
    .boolean()
    .optional()
    .meta({ description: 'One of many: it goes in a lane of its own, and never stands before a conversation' }),
};

interface Parts {
  readonly text?: unknown;
  readonly templateId?: unknown;
  readonly content?: unknown;
  readonly attachments?: unknown;
  readonly sendAt?: string | undefined;
  readonly timeZone?: unknown;
}

/** What is wrong with how a message is put together, and in which field. */
const faults = ({ text, templateId, content, attachments, sendAt, timeZone }: Parts): Record<string, string> => {
  const isLocal = sendAt !== undefined && !hasOffset(sendAt);
  const others = [text, templateId, attachments].filter((each) => each !== undefined);
  return {
    ...(text !== undefined && templateId !== undefined && { templateId: 'is sent in place of text, not beside it' }),
    ...(content !== undefined && others.length > 0 && { content: 'is sent by itself' }),
    ...(content === undefined && others.length === 0 && { text: 'is needed where there is nothing else to send' }),
    ...(isLocal && timeZone === undefined && { timeZone: 'is needed for a time without offset' }),
    ...(!isLocal && timeZone !== undefined && { timeZone: 'goes with a time that has no offset of its own' }),
  };
};

const isWhole = (message: Parts, context: z.RefinementCtx): void => {
  for (const [field, fault] of Object.entries(faults(message))) {
    context.addIssue({ code: 'custom', path: [field], message: fault });
  }
};

/** Text, files, or both, or a template; how much of it depends on the provider. Other fields are refused as unknown. */
export const NewMessageSchema = z
  .strictObject({ ...parts, sendAt: SendAtSchema.optional() })
  .superRefine(isWhole)
  .meta({ id: 'NewMessage' });

/** What a scheduled message is to be from now on. */
export const ScheduledMessageSchema = z
  .strictObject({ ...parts, sendAt: SendAtSchema })
  .superRefine(isWhole)
  .meta({ id: 'ScheduledMessage' });
export type ScheduledMessage = z.infer<typeof ScheduledMessageSchema>;
