import { ChatStatusSchema } from '../contract/chats.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { businessTime, localTime, type Clock } from './business-time.ts';
import type { ChangeEntry } from './change-entry.ts';
import type { ChatRecord } from './chat.ts';
import type { ClientRecord } from './client.ts';
import type { InteractionRecord } from './interaction.ts';
import type { MessageRecord } from './message.ts';
import type { Fact } from './stats-fact.ts';

/** By which clock a thing is counted: the one of its first counting, however the settings change. */
export interface NamedClock extends Clock {
  readonly name: string;
}

/** What is counted. */
export type Source =
  | { readonly kind: 'message'; readonly home: ClientId; readonly id: string; readonly isJudgedAgain?: boolean }
  | { readonly kind: 'chat' | 'client'; readonly home: ClientId; readonly id: string }
  | { readonly kind: 'interaction'; readonly home: ClientId; readonly id: string }
  /** Of one that no event tells, the client's history does. */
  | { readonly kind: 'turn'; readonly home: ClientId; readonly id: string; readonly event: ChatEvent | undefined };

type ChatEvent = Extract<DomainEvent, { type: 'ChatCreated' | 'ChatUpdated' }>;

type ChatStatus = ChatRecord['status'];
type Turn = Extract<Fact, { kind: 'turn' }>['turn'];

/** How the standing of a chat changed; undefined where it did not. */
const turnBetween = (before: ChatStatus | undefined, after: ChatStatus): Turn | undefined => {
  if (before === undefined || before === after) return undefined;
  if (after === 'open') return before === 'resolved' ? 'reopened' : undefined;
  return after;
};

const turnIn = ({ type, data, previous }: ChatEvent): Turn | undefined =>
  type === 'ChatCreated' ? 'opened' : turnBetween(ChatStatusSchema.safeParse(previous?.status).data, data.status);

/** What is to be looked at after these events. Whatever else they say, only turns of chats are believed as they are told. */
export const sourcesOf = (event: DomainEvent): Source[] => {
  switch (event.subject.type) {
    case 'message': {
      if (!('chatId' in event.data) || !('direction' in event.data)) return [];
      const home = event.data.chatId;
      return [
        { kind: 'message', home, id: event.data.id },
        { kind: 'chat', home, id: home },
      ];
    }
    case 'chat': {
      if (event.type !== 'ChatCreated' && event.type !== 'ChatUpdated') return [];
      const home = event.data.id;
      const turn: Source[] = turnIn(event) === undefined ? [] : [{ kind: 'turn', home, id: event.id, event }];
      return [{ kind: 'chat', home, id: home }, ...turn];
    }
    case 'client': {
      const { data } = event;
      const ids = [event.subject.id, ...('absorbedId' in data ? [data.absorbedId] : [])];
      return ids.flatMap((id): Source[] => {
        const home = ClientIdSchema.parse(id);
        return [
          { kind: 'client', home, id },
          { kind: 'chat', home, id },
        ];
      });
    }
    case 'interaction': {
      const { data } = event;
      return event.type === 'InteractionCompleted' || event.type === 'InteractionUpdated'
        ? [
            {
              kind: 'interaction',
              home: ClientIdSchema.parse('clientId' in data ? data.clientId : undefined),
              id: event.subject.id,
            },
          ]
        : [];
    }
    default:
      return [];
  }
};

interface Moment {
  readonly clock: NamedClock;
}

const lasting = (from: string, to: string, clock: Clock) => ({
  milliseconds: Math.max(0, Date.parse(to) - Date.parse(from)),
  business: businessTime(from, to, clock),
});

type ResponseOf = Extract<Fact, { kind: 'message' }>['response'];

/** Whether it can be the answer to something: what was planned ahead, or went to many, is none. */
export const isAnswer = ({
  direction,
  sender,
  sendAt,
  lane,
}: Pick<MessageRecord, 'direction' | 'sendAt' | 'lane'> & { readonly sender: { readonly type: string } }): boolean =>
  direction === 'outbound' && sender.type === 'user' && sendAt === null && lane === 'conversation';

export const responseTo = (
  wait: { readonly from: string; readonly isFirst: boolean } | undefined,
  { createdAt }: MessageRecord,
  clock: Clock,
): ResponseOf => (wait === undefined ? null : { ...lasting(wait.from, createdAt, clock), isFirst: wait.isFirst });

export const messageFact = (message: MessageRecord, response: ResponseOf, { clock }: Moment): Fact => ({
  kind: 'message',
  clock: clock.name,
  ...localTime(message.sendAt ?? message.createdAt, clock.timeZone),
  direction: message.direction,
  transport: message.transport,
  channelId: message.channelId,
  // That we read what a client wrote is no state of its delivery.
  status: message.direction === 'inbound' ? 'received' : message.status === 'sending' ? 'queued' : message.status,
  agent: message.direction === 'outbound' && message.sender.type === 'user' ? message.sender.id : null,
  templateId: message.templateId,
  response,
});

/** Chats that are in the inbox. */
export const chatFact = (chat: ChatRecord | undefined, { clock }: Moment): Fact | undefined =>
  chat?.state !== 'active' || chat.openedAt === null
    ? undefined
    : { kind: 'chat', clock: clock.name, status: chat.status, isUnread: chat.unreadCount > 0 };

/** That there was a client stays known, and of an erased one nothing but that. */
export const clientFact = (
  client: ClientRecord | undefined,
  before: Fact | undefined,
  { clock }: Moment,
): Fact | undefined => {
  if (client === undefined) return before?.kind === 'client' ? { ...before, isActive: false } : undefined;
  const { day } = localTime(client.createdAt, clock.timeZone);
  return { kind: 'client', clock: clock.name, day, isActive: client.state === 'active' };
};

export const interactionFact = ({ completedAt, userId }: InteractionRecord, { clock }: Moment): Fact | undefined =>
  completedAt === null
    ? undefined
    : { kind: 'interaction', clock: clock.name, day: localTime(completedAt, clock.timeZone).day, agent: userId };

const turnAt = (
  turn: Turn,
  { at, actor, openSince }: Pick<ChangeEntry, 'at' | 'actor'> & { readonly openSince: string | null },
  clock: NamedClock,
): Fact => ({
  kind: 'turn',
  clock: clock.name,
  day: localTime(at, clock.timeZone).day,
  turn,
  agent: actor.type === 'user' ? actor.id : null,
  resolution: turn === 'resolved' && openSince !== null ? lasting(openSince, at, clock) : null,
});

export const turnFact = (event: ChatEvent, { clock }: Moment): Fact | undefined => {
  const turn = turnIn(event);
  if (turn === undefined) return undefined;
  const { openSince, resolvedAt } = event.data;
  const at = turn === 'resolved' && resolvedAt !== null ? resolvedAt : event.occurredAt;
  return turnAt(turn, { at, actor: event.actor, openSince }, clock);
};

/** The standings that a client's history tells of: before, and after. */
const standingsIn = ({ kind, data }: ChangeEntry): readonly [ChatStatus | undefined, ChatStatus] | undefined => {
  const change = kind === 'status' ? data.changes.find(({ field }) => field === 'status') : undefined;
  const [from, to] = [ChatStatusSchema.safeParse(change?.from), ChatStatusSchema.safeParse(change?.to)];
  return to.success ? [from.data, to.data] : undefined;
};

const turnTold = (entry: ChangeEntry): Turn | undefined => {
  if (entry.type === 'ChatCreated') return 'opened';
  const standings = standingsIn(entry);
  return standings && turnBetween(...standings);
};

/** Whether the chat was opened, or not resolved any more, from here on. */
export const isOpening = (entry: ChangeEntry): boolean => {
  const [before, after] = standingsIn(entry) ?? [];
  return entry.type === 'ChatCreated' || (before === 'resolved' && after !== 'resolved');
};

/** The same from what the client's history keeps of the event. @param openSince when the chat was opened before that */
export const recordedTurn = (entry: ChangeEntry, openSince: string | null, { clock }: Moment): Fact | undefined => {
  const turn = turnTold(entry);
  return turn && turnAt(turn, { ...entry, openSince }, clock);
};
