import * as z from 'zod';
import { allows } from '../contract/permissions.ts';
import type { Change, Presence } from '../contract/realtime.ts';
import {
  ChatIdSchema,
  InstantSchema,
  MessageIdSchema,
  RoleSchema,
  UserIdSchema,
  type Role,
} from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';

/** How long a ticket lets somebody in. */
export const TICKET_SECONDS = 60;
/**
 * As long as API Gateway lets a connection live.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html#apigateway-execution-service-websocket-limits-table
 */
export const CONNECTION_SECONDS = 2 * 3600;
/** A user who is heard no more is neither typing nor looking. */
export const PRESENCE_SECONDS = 10;

/** Who connects, and until when: as the token said that the ticket was given for. */
const GrantSchema = z.object({ userId: UserIdSchema, role: RoleSchema, tokenExpiresAt: InstantSchema });

export const TicketRecordSchema = GrantSchema.extend({ validUntil: InstantSchema });
export type TicketRecord = z.infer<typeof TicketRecordSchema>;

export const ConnectionSchema = z.object({
  /** API Gateway's name for it. */
  connectionId: z.string().min(1),
  userId: UserIdSchema,
  role: RoleSchema,
  connectedAt: InstantSchema,
  /** When it is closed. */
  until: InstantSchema,
});
export type Connection = z.infer<typeof ConnectionSchema>;

/** What was changed, by ids alone: how it stands is read when it is told. */
export const ChangedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chat'), chatId: ChatIdSchema }),
  z.object({
    kind: z.literal('message'),
    /** In whose collection the message stands. */
    chatId: ChatIdSchema,
    messageId: MessageIdSchema,
    isNew: z.boolean(),
    /** Whether it stands among those that wait for their time. */
    isScheduled: z.boolean(),
  }),
]);
export type Changed = z.infer<typeof ChangedSchema>;

const ofScheduled: readonly string[] = [
  'MessageScheduled',
  'MessageRescheduled',
  'MessageCancelled',
] satisfies readonly DomainEvent['type'][];

/** What an event may have changed of what is told. A message that enters a chat, or is read, changes the chat too. */
export const changedBy = ({ type, subject, data, ...event }: DomainEvent): Changed[] => {
  const chat = (id: string): Changed => ({ kind: 'chat', chatId: ChatIdSchema.parse(id) });
  switch (subject.type) {
    case 'chat':
      return [chat(subject.id)];
    case 'client':
      return [subject.id, ...('absorbedId' in data ? [data.absorbedId] : [])].map(chat);
    case 'message': {
      const { chatId } = z.object({ chatId: ChatIdSchema }).parse(data);
      const isNew = event.previous === undefined;
      const isScheduled = ofScheduled.includes(type);
      const messageId = MessageIdSchema.parse(subject.id);
      const changesChat = (isNew && !isScheduled) || type === 'MessageRead';
      return [{ kind: 'message', chatId, messageId, isNew, isScheduled }, ...(changesChat ? [chat(chatId)] : [])];
    }
    default:
      return [];
  }
};

/** Each chat and each message once; a message is new if any of them says so. */
export const distinctly = (changes: readonly Changed[]): Changed[] => {
  const byId = new Map<string, Changed>();
  for (const change of changes) {
    const id = change.kind === 'chat' ? `chat ${change.chatId}` : change.messageId;
    const before = byId.get(id);
    byId.set(id, before?.kind === 'message' && before.isNew ? before : change);
  }
  return [...byId.values()];
};

/** Who may be told of this? */
export const maySee = (role: Role, { type }: Pick<Change | Presence, 'type'>): boolean =>
  allows(role, type === 'message.created' || type === 'message.changed' ? 'Message.Read' : 'Chat.Read');
