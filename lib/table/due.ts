import * as z from 'zod';
import {
  ChannelIdSchema,
  ClientIdSchema,
  JobIdSchema,
  MessageIdSchema,
  TenantIdSchema,
  type ChannelId,
  type ChatId,
  type JobId,
  type MessageId,
  type TenantId,
} from '../contract/vocabulary.ts';
import { query } from './client.ts';
import { DUE, DUE_SHARDS, MESSAGE } from './keys.ts';

export type Due =
  | { readonly kind: 'message'; readonly tenant: TenantId; readonly chatId: ChatId; readonly messageId: MessageId }
  | { readonly kind: 'job'; readonly tenant: TenantId; readonly jobId: JobId }
  | { readonly kind: 'channel'; readonly tenant: TenantId; readonly channelId: ChannelId };

const KeySchema = z.object({ pk: z.string(), sk: z.string(), gsi4sk: z.string() });

const MessageDueSchema = z.object({
  kind: z.literal('message'),
  tenant: TenantIdSchema,
  chatId: ClientIdSchema,
  messageId: MessageIdSchema,
});
const JobDueSchema = z.object({ kind: z.literal('job'), tenant: TenantIdSchema, jobId: JobIdSchema });
const ChannelDueSchema = z.object({ kind: z.literal('channel'), tenant: TenantIdSchema, channelId: ChannelIdSchema });

/** The due index carries ids only: what is due is read back from the key. Undefined for what this version does not know. */
const parseDue = ({ pk, sk }: z.infer<typeof KeySchema>): Due | undefined => {
  const [, tenant, kind, id] = pk.split('#');
  if (kind === 'CLIENT' && sk.startsWith(MESSAGE)) {
    const messageId = sk.slice(MESSAGE.length);
    return MessageDueSchema.safeParse({ kind: 'message', tenant, chatId: id, messageId }).data;
  }
  if (kind === 'JOB') return JobDueSchema.safeParse({ kind: 'job', tenant, jobId: id }).data;
  return ChannelDueSchema.safeParse({ kind: 'channel', tenant, channelId: sk.slice('CHANNEL#'.length) }).data;
};

export const dueShards: readonly string[] = Array.from({ length: DUE_SHARDS }, (_, shard) => `${DUE}${shard}`);

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
  return { due, unreadable: keys.length - due.length, next };
};
