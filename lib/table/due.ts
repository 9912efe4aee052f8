import * as z from 'zod';
import { DeadLetterIdSchema, type DeadLetterId } from '../contract/dead-letters.ts';
import {
  ChannelIdSchema,
  ClientIdSchema,
  EventIdSchema,
  JobIdSchema,
  MessageIdSchema,
  TenantIdSchema,
  UploadIdSchema,
  WebhookEndpointIdSchema,
  type ChannelId,
  type ChatId,
  type ClientId,
  type EventId,
  type JobId,
  type MessageId,
  type TenantId,
  type UploadId,
  type WebhookEndpointId,
} from '../contract/vocabulary.ts';
import { query } from './client.ts';
import { CHAT, DUE, DUE_SHARDS, HOOKS_DUE, MESSAGE, ROWS, ROWS_DUE, SCHEDULED } from './keys.ts';
import { CONNECTION, DELIVERY } from './team-keys.ts';

export type Due =
  | { readonly kind: 'message'; readonly tenant: TenantId; readonly chatId: ChatId; readonly messageId: MessageId }
  | {
      readonly kind: 'scheduled';
      readonly tenant: TenantId;
      readonly chatId: ChatId;
      readonly messageId: MessageId;
      /** When it was to be sent, ISO 8601. */
      readonly sendAt: string;
    }
  | { readonly kind: 'chat'; readonly tenant: TenantId; readonly chatId: ChatId }
  | { readonly kind: 'job'; readonly tenant: TenantId; readonly jobId: JobId }
  | { readonly kind: 'upload'; readonly tenant: TenantId; readonly uploadId: UploadId }
  | { readonly kind: 'connection'; readonly tenant: TenantId; readonly connectionId: string }
  | { readonly kind: 'projection'; readonly tenant: TenantId; readonly clientIds: readonly ClientId[] }
  | { readonly kind: 'seal'; readonly tenant: TenantId }
  | { readonly kind: 'retention'; readonly tenant: TenantId }
  | { readonly kind: 'letter'; readonly tenant: TenantId; readonly letterId: DeadLetterId }
  | {
      readonly kind: 'delivery';
      readonly tenant: TenantId;
      readonly endpointId: WebhookEndpointId;
      readonly deliveryId: EventId;
    }
  | { readonly kind: 'channel'; readonly tenant: TenantId; readonly channelId: ChannelId };

const KeySchema = z.object({ pk: z.string(), sk: z.string(), gsi4sk: z.string() });

const MessageDueSchema = z.object({
  kind: z.literal('message'),
  tenant: TenantIdSchema,
  chatId: ClientIdSchema,
  messageId: MessageIdSchema,
});
const ScheduledDueSchema = MessageDueSchema.extend({ kind: z.literal('scheduled'), sendAt: z.string() });
const ChatDueSchema = z.object({ kind: z.literal('chat'), tenant: TenantIdSchema, chatId: ClientIdSchema });
const JobDueSchema = z.object({ kind: z.literal('job'), tenant: TenantIdSchema, jobId: JobIdSchema });
const UploadDueSchema = z.object({ kind: z.literal('upload'), tenant: TenantIdSchema, uploadId: UploadIdSchema });
const ConnectionDueSchema = z.object({
  kind: z.literal('connection'),
  tenant: TenantIdSchema,
  connectionId: z.string(),
});
const ProjectionDueSchema = z.object({
  kind: z.literal('projection'),
  tenant: TenantIdSchema,
  clientIds: z.array(ClientIdSchema),
});
const LetterDueSchema = z.object({ kind: z.literal('letter'), tenant: TenantIdSchema, letterId: DeadLetterIdSchema });
const RetentionDueSchema = z.object({ kind: z.literal('retention'), tenant: TenantIdSchema });
const SealDueSchema = z.object({ kind: z.literal('seal'), tenant: TenantIdSchema });
const DeliveryDueSchema = z.object({
  kind: z.literal('delivery'),
  tenant: TenantIdSchema,
  endpointId: WebhookEndpointIdSchema,
  deliveryId: EventIdSchema,
});
const ChannelDueSchema = z.object({ kind: z.literal('channel'), tenant: TenantIdSchema, channelId: ChannelIdSchema });

/** The due index carries ids only: what is due is read back from the key. Undefined for what this version does not know. */
const parseDue = ({ pk, sk, gsi4sk }: z.infer<typeof KeySchema>): Due | undefined => {
  const [, tenant, kind, id] = pk.split('#');
  if (kind === 'CLIENT' && sk.startsWith(MESSAGE)) {
    const messageId = sk.slice(MESSAGE.length);
    return MessageDueSchema.safeParse({ kind: 'message', tenant, chatId: id, messageId }).data;
  }
  if (kind === 'CLIENT' && sk.startsWith(SCHEDULED)) {
    const messageId = sk.slice(SCHEDULED.length);
    const [sendAt] = gsi4sk.split('#');
    return ScheduledDueSchema.safeParse({ kind: 'scheduled', tenant, chatId: id, messageId, sendAt }).data;
  }
  if (kind === 'CLIENT' && sk === CHAT) return ChatDueSchema.safeParse({ kind: 'chat', tenant, chatId: id }).data;
  if (kind === 'CLIENT' && sk === ROWS) {
    return ProjectionDueSchema.safeParse({ kind: 'projection', tenant, clientIds: [id] }).data;
  }
  if (kind === 'HOOK') {
    const deliveryId = sk.slice(DELIVERY.length);
    return DeliveryDueSchema.safeParse({ kind: 'delivery', tenant, endpointId: id, deliveryId }).data;
  }
  if (kind === 'JOB') return JobDueSchema.safeParse({ kind: 'job', tenant, jobId: id }).data;
  if (kind === 'CONNECTION') {
    const connectionId = sk.slice(CONNECTION.length);
    return ConnectionDueSchema.safeParse({ kind: 'connection', tenant, connectionId }).data;
  }
  if (kind === 'UPLOAD') return UploadDueSchema.safeParse({ kind: 'upload', tenant, uploadId: id }).data;
  if (kind === 'DEADLETTER')
    return LetterDueSchema.safeParse({ kind: 'letter', tenant, letterId: sk.slice('LETTER#'.length) }).data;
  if (kind === 'SETTINGS') return RetentionDueSchema.safeParse({ kind: 'retention', tenant }).data;
  if (kind === 'SEALS') return SealDueSchema.safeParse({ kind: 'seal', tenant }).data;
  return ChannelDueSchema.safeParse({ kind: 'channel', tenant, channelId: sk.slice('CHANNEL#'.length) }).data;
};

/** Clients of one tenant are projected together. */
const joined = (due: readonly Due[]): Due[] => {
  const projections = due.flatMap((each) => (each.kind === 'projection' ? each : []));
  const groups = [...Map.groupBy(projections, ({ tenant }) => tenant)];
  return [
    ...due.filter(({ kind }) => kind !== 'projection'),
    ...groups.map(([tenant, group]): Due => {
      return { kind: 'projection', tenant, clientIds: group.flatMap(({ clientIds }) => clientIds) };
    }),
  ];
};

export const dueShards: readonly string[] = [DUE, ROWS_DUE, HOOKS_DUE].flatMap((kind) =>
  Array.from({ length: DUE_SHARDS }, (_, shard) => `${kind}${shard}`),
);

/** A place in a shard of the due index before which nothing stands. */
export const DUE_START = '0';

interface DuePage {
  readonly due: readonly Due[];
  /** How many items could not be read. */
  readonly unreadable: number;
  /** Where the next page starts; undefined when this was the last. */
  readonly next: string | undefined;
}

/** What of this shard is due, longest due first, after a place in it? One query. */
export const listDue = async (shard: string, after: string, now: string, limit: number): Promise<DuePage> => {
  const { Items = [], LastEvaluatedKey } = await query(undefined, {
    IndexName: 'gsi4',
    KeyConditionExpression: 'gsi4pk = :shard AND gsi4sk BETWEEN :after AND :now',
    // A space sorts before every character of a key, so that what stands at `after` itself is not found again.
    ExpressionAttributeValues: { ':shard': shard, ':after': `${after} `, ':now': `${now}~` },
    Limit: limit,
  });
  const keys = Items.map((item) => KeySchema.parse(item));
  const due = keys.flatMap((key) => parseDue(key) ?? []);
  const next = LastEvaluatedKey === undefined ? undefined : keys.at(-1)?.gsi4sk;
  return { due: joined(due), unreadable: keys.length - due.length, next };
};
