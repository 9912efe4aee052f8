import * as z from 'zod';

/** How a message travels. */
export const TransportSchema = z
  .enum(['sms', 'whatsapp', 'telegram', 'email', 'instagram', 'website', 'phone', 'other'])
  .meta({ id: 'Transport' });
export type Transport = z.infer<typeof TransportSchema>;

/** The services behind channels. */
export const ProviderNameSchema = z.enum(['twilio', 'telegram']).meta({ id: 'ProviderName' });
export type ProviderName = z.infer<typeof ProviderNameSchema>;

export const RoleSchema = z.enum(['admin', 'manager', 'agent']).meta({ id: 'Role' });
export type Role = z.infer<typeof RoleSchema>;

/** A tenant's name, as in the token's `tenant_id` claim. */
export const TenantIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .brand<'TenantId'>();
export type TenantId = z.infer<typeof TenantIdSchema>;

const uuid = () => z.uuid().meta({ example: '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10' });

export const ClientIdSchema = uuid().brand<'ClientId'>();
export type ClientId = z.infer<typeof ClientIdSchema>;

/**
 * A chat's id is its client's id: one chat per client.
 *
 * @alias
 */
export const ChatIdSchema = ClientIdSchema;
export type ChatId = ClientId;

export const ContactIdSchema = uuid().brand<'ContactId'>();

export const MessageIdSchema = uuid().brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageIdSchema>;

export const ChannelIdSchema = uuid().brand<'ChannelId'>();
export type ChannelId = z.infer<typeof ChannelIdSchema>;

/** Work that goes on after its request was answered. */
export const JobIdSchema = uuid().brand<'JobId'>();
export type JobId = z.infer<typeof JobIdSchema>;

export const TemplateIdSchema = uuid().brand<'TemplateId'>();
export type TemplateId = z.infer<typeof TemplateIdSchema>;

export const NoteIdSchema = uuid().brand<'NoteId'>();
export type NoteId = z.infer<typeof NoteIdSchema>;

export const InteractionIdSchema = uuid().brand<'InteractionId'>();
export type InteractionId = z.infer<typeof InteractionIdSchema>;

/** A file. */
export const UploadIdSchema = uuid().brand<'UploadId'>();
export type UploadId = z.infer<typeof UploadIdSchema>;

export const SegmentIdSchema = uuid().brand<'SegmentId'>();
export type SegmentId = z.infer<typeof SegmentIdSchema>;

export const ErasureIdSchema = uuid().brand<'ErasureId'>();
export type ErasureId = z.infer<typeof ErasureIdSchema>;

export const ImportIdSchema = uuid().brand<'ImportId'>();
export type ImportId = z.infer<typeof ImportIdSchema>;

export const MergeIdSchema = uuid().brand<'MergeId'>();
export type MergeId = z.infer<typeof MergeIdSchema>;

export const CustomFieldIdSchema = uuid().brand<'CustomFieldId'>();
export type CustomFieldId = z.infer<typeof CustomFieldIdSchema>;

export const WebhookEndpointIdSchema = uuid().brand<'WebhookEndpointId'>();
export type WebhookEndpointId = z.infer<typeof WebhookEndpointIdSchema>;

export const EventIdSchema = uuid().brand<'EventId'>();
export type EventId = z.infer<typeof EventIdSchema>;

/** A token's `sub`. Any name but the one that JavaScript's objects cannot hold. */
export const UserIdSchema = z
  .string()
  .min(1)
  .max(128)
  .refine((id) => id !== '__proto__')
  .brand<'UserId'>();
export type UserId = z.infer<typeof UserIdSchema>;

/** UTC, ISO 8601 with milliseconds. */
export const InstantSchema = z.iso.datetime({ precision: 3 }).meta({ example: '2026-01-31T09:30:00.000Z' });

interface Times {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Whether a time does not end before it begins: what a filter is refined by, and what is said otherwise. */
export const isForwards = ({ from, to }: Times): boolean => from === undefined || to === undefined || from <= to;
export const BACKWARDS = { path: ['to'], error: 'must not be before from' };
