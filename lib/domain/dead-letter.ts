import * as z from 'zod';
import {
  DeadLetterFilterSchema,
  DeadLetterIdSchema,
  DeadLetterSchema,
  type DeadLetter,
  type DeadLetterId,
  type DeadLetterSource,
  type Redrive,
} from '../contract/dead-letters.ts';
import { allows, type Permission } from '../contract/permissions.ts';
import { ChannelIdSchema, ProviderNameSchema, type Role } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import type { JobRecord } from './job.ts';
import { maskPayload } from './masking.ts';

/** What of a webhook is needed beside its body to take it in again. Nothing that it was verified by. */
const WebhookWaySchema = z.object({
  to: z.literal('webhook'),
  provider: ProviderNameSchema,
  kind: z.enum(['message', 'report']),
  channelId: ChannelIdSchema,
  path: z.string(),
  requestId: z.string(),
  receivedAt: z.string(),
});
/** Where an entry stood. */
const QueueWaySchema = z.object({ to: z.literal('queue'), queue: z.string(), group: z.string().optional() });
const StreamWaySchema = z.object({ to: z.literal('stream') });

const WaySchema = z.discriminatedUnion('to', [WebhookWaySchema, QueueWaySchema, StreamWaySchema]);
/** How a letter goes back where it came from. */
type Way = z.infer<typeof WaySchema>;

/** A dead letter as it is stored. */
export const DeadLetterRecordSchema = DeadLetterSchema.omit({ redrivable: true }).extend({
  redrivenAt: z.string().nullable().default(null),
  redrivenBy: z.string().nullable().default(null),
  /** Itself, or where in the bucket it lies. */
  payload: z.string(),
  way: WaySchema.optional(),
  revision: z.int(),
});
export type DeadLetterRecord = z.infer<typeof DeadLetterRecordSchema>;

/** What arrives to be kept. */
export interface Undelivered {
  /** Known where it was redriven before. */
  readonly id?: DeadLetterId;
  readonly source: DeadLetterSource;
  readonly origin: string;
  readonly reason: string;
  readonly payload: string;
  readonly receivedAt: string;
  readonly way?: Way;
  /** The queue's own name for its entry: the same entry counts once, however often it is handed over. */
  readonly entry?: string;
}

/** An id that follows from what makes a letter itself. @param digest 32 or more hexadecimal digits */
export const letterIdOf = (digest: string): DeadLetterId =>
  DeadLetterIdSchema.parse(
    `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
  );

/** As the API shows it. */
export const letterView = ({ way, ...letter }: DeadLetterRecord): DeadLetter =>
  DeadLetterSchema.parse({ ...letter, redrivable: way !== undefined });

/** What it takes to see what such events tell, or events about such subjects, as everywhere else. */
const permissions: ReadonlyMap<string, Permission> = new Map([
  ['user', 'User.Manage'],
  ['webhookEndpoint', 'Settings.Manage'],
  ['settings', 'Settings.Manage'],
  ['channel', 'Channel.Manage'],
  ['LegalHoldSet', 'Privacy.Erase'],
  ['LegalHoldLifted', 'Privacy.Erase'],
]);

/** A payload as this role may see it, and what of it is left out. */
export const payloadView = (
  role: Role,
  payload: string,
): { readonly payload: string; readonly masked: 'secrets' | 'private' } => {
  const isPrivate = !allows(role, 'Message.Read') || !allows(role, 'Client.Read');
  const isWithheld = (type: string): boolean => {
    const permission = permissions.get(type);
    return permission !== undefined && !allows(role, permission);
  };
  const shown = maskPayload(payload, { private: isPrivate, isWithheld });
  const isAll = !isPrivate && shown === maskPayload(payload, { private: false });
  return { payload: shown, masked: isAll ? 'secrets' : 'private' };
};

export const redriven = (act: Act, letter: DeadLetterRecord): DeadLetterRecord => ({
  ...letter,
  state: 'redriven',
  redrivenAt: instant(act.now()),
  redrivenBy: act.actor.id,
});

/** Where a redrive of many stands. */
export const RedrivePositionSchema = z.object({
  filter: DeadLetterFilterSchema,
  /** Later ones have come again meanwhile. */
  until: z.string(),
  /** The last that was looked at. */
  after: z.string().nullable(),
});

export const redriveView = ({
  id,
  state,
  position,
  progress,
  error,
  actor,
  createdAt,
  finishedAt,
}: JobRecord): Redrive => ({
  id,
  state,
  filter: RedrivePositionSchema.parse(position).filter,
  redriven: progress.done,
  error,
  createdBy: actor.id,
  createdAt,
  finishedAt,
});
