import type { ChatRecord } from './chat.ts';
import { digest, transportOfRoute } from './chat.ts';
import { sameStanding, standingOf, type Standing } from './chat-status.ts';
import type { ClientRecord } from './client.ts';
import { identitiesOf } from './client.ts';
import { identityKindOfTransport, sameIdentity } from './identity.ts';
import type { MergeRecord } from './merge-record.ts';
import type { MessageRecord } from './message.ts';

type Last = Pick<ChatRecord, 'lastMessage' | 'lastMessageAt'>;

/** By whose message is the later one. */
const latestOf = (first: Last, ...others: readonly Last[]): Last =>
  others.reduce(
    (latest, each) => ((each.lastMessage?.id ?? '') > (latest.lastMessage?.id ?? '') ? each : latest),
    first,
  );

const nameOf = ({ firstName, lastName }: ClientRecord): ChatRecord['client'] => ({ firstName, lastName });

/** Somebody waits for an answer in the one that is open, or it is the only one that was ever opened. */
export const standingOfBoth = (
  survivor: Standing & Pick<ChatRecord, 'openedAt'>,
  absorbed: Standing & Pick<ChatRecord, 'openedAt' | 'unreadCount'>,
): Standing => {
  if (survivor.openedAt === null && absorbed.openedAt !== null) return standingOf(absorbed);
  const waits = absorbed.status === 'open' && absorbed.unreadCount > 0;
  return standingOf(waits && survivor.status !== 'open' ? absorbed : survivor);
};

export const earliestOf = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other < one) ? other : one;

const counted = (before: ChatRecord, after: ChatRecord): ChatRecord => {
  const counts = !sameStanding(before, after) || before.assigneeId !== after.assigneeId;
  return { ...after, version: before.version + (counts ? 1 : 0) };
};

/** Of two ways, the one by which the client wrote last, where that is known; else that of the later chat. */
const joinRoutes = (earlier: ChatRecord['routesBack'], later: ChatRecord['routesBack']): ChatRecord['routesBack'] => {
  const wins = Object.entries(later).filter(([route, { at }]) => at === undefined || (earlier[route]?.at ?? '') <= at);
  return { ...earlier, ...Object.fromEntries(wins) };
};

/** The survivor's chat once it continues the absorbed one as well. */
export const mergeChats = (survivor: ChatRecord, absorbed: ChatRecord, client: ClientRecord): ChatRecord => {
  const isTheirs = latestOf(survivor, absorbed) === absorbed;
  const [later, earlier] = isTheirs ? [absorbed, survivor] : [survivor, absorbed];
  return counted(survivor, {
    ...survivor,
    client: nameOf(client),
    ...standingOfBoth(survivor, absorbed),
    assigneeId: survivor.assigneeId ?? absorbed.assigneeId,
    unreadCount: survivor.unreadCount + absorbed.unreadCount,
    lastMessage: later.lastMessage,
    lastMessageAt: later.lastMessageAt ?? earlier.lastMessageAt,
    openedAt: earliestOf(survivor.openedAt, absorbed.openedAt),
    lastInboundTransport: later.lastInboundTransport ?? earlier.lastInboundTransport,
    schedules: survivor.schedules || absorbed.schedules,
    routesBack: joinRoutes(earlier.routesBack, later.routesBack),
    absorbed: client.absorbed,
  });
};

const sumUnread = (chats: readonly ChatRecord[]): number =>
  chats.reduce((sum, { unreadCount }) => sum + unreadCount, 0);

/** A chat that another one continues. What it absorbed itself counts for itself, so that each can be read by itself. */
export const absorbedChat = (chat: ChatRecord, itsAbsorbed: readonly ChatRecord[]): ChatRecord => ({
  ...chat,
  state: 'absorbed',
  unreadCount: chat.unreadCount - sumUnread(itsAbsorbed),
});

/** The chat of a client that comes back, with what it absorbed itself. */
export const returnedChat = (
  chat: ChatRecord,
  client: ClientRecord,
  itsAbsorbed: readonly ChatRecord[],
): ChatRecord => ({
  ...chat,
  state: 'active',
  client: nameOf(client),
  unreadCount: chat.unreadCount + sumUnread(itsAbsorbed),
});

type Taken = NonNullable<MergeRecord['taken']>['chat'];

/** Ways back to an address that the client has lost are replaced by those of before. */
const routesOf = (
  chat: ChatRecord,
  client: ClientRecord,
  before: ChatRecord['routesBack'],
): ChatRecord['routesBack'] => {
  const held = identitiesOf(client);
  const isHeld = ([route, { address }]: [string, ChatRecord['routesBack'][string]]): boolean => {
    const kind = identityKindOfTransport(transportOfRoute(route));
    return kind !== undefined && held.some((identity) => sameIdentity(identity, { kind, value: address }));
  };
  const of = (routes: ChatRecord['routesBack']) => Object.fromEntries(Object.entries(routes).filter(isHeld));
  return { ...of(before), ...of(chat.routesBack) };
};

interface Left {
  /** The survivor as it is without the absorbed client. */
  readonly client: ClientRecord;
  /** The latest message in the survivor's own collection. */
  readonly own: MessageRecord | undefined;
  /** The chats that it still absorbs. */
  readonly others: readonly ChatRecord[];
  /** How many messages are unread in what leaves. */
  readonly unreadLeaving: number;
}

/** Whether anything was written in the survivor's own collection since a merge. */
export const isWrittenSince = (own: MessageRecord | undefined, { lastMessage }: Taken['after']): boolean =>
  (own?.id ?? '') > (lastMessage?.id ?? '');

/** The survivor's chat without the absorbed one: what was changed since stays, and so does what came since. */
export const chatWithoutAbsorbed = (
  chat: ChatRecord,
  { before, after }: Taken,
  { client, own, others, unreadLeaving }: Left,
): ChatRecord => {
  const ownLast =
    own === undefined
      ? { lastMessage: null, lastMessageAt: null }
      : { lastMessage: digest(own), lastMessageAt: own.createdAt };
  const { lastMessage, lastMessageAt } = latestOf(ownLast, ...others);
  const routesBack = routesOf(chat, client, before.routesBack);
  const isLeft = (transport: ChatRecord['lastInboundTransport']) => transport !== null && transport in routesBack;
  return counted(chat, {
    ...chat,
    client: nameOf(client),
    ...standingOf(sameStanding(chat, after) && !isWrittenSince(own, after) ? before : chat),
    assigneeId: chat.assigneeId === after.assigneeId ? before.assigneeId : chat.assigneeId,
    unreadCount: chat.unreadCount - unreadLeaving,
    lastMessage,
    lastMessageAt,
    openedAt: before.openedAt ?? lastMessageAt,
    lastInboundTransport: [chat.lastInboundTransport, before.lastInboundTransport].find(isLeft) ?? null,
    routesBack,
    absorbed: client.absorbed,
  });
};
