import * as z from 'zod';
import { MessageSchema } from '../contract/messages.ts';
import type { ClientId, MessageId, TenantId } from '../contract/vocabulary.ts';
import { ChangeEntrySchema, type ChangeEntry } from '../domain/change-entry.ts';
import { isAnswer, isOpening } from '../domain/stats-derive.ts';
import { query } from './client.ts';
import { changesOf, clientCollection, MESSAGE } from './keys.ts';

const NeighbourSchema = MessageSchema.pick({
  id: true,
  direction: true,
  createdAt: true,
  editOf: true,
  sendAt: true,
  lane: true,
}).extend({ sender: z.object({ type: z.string() }) });
type Neighbour = z.infer<typeof NeighbourSchema>;

const asks = ({ direction, editOf }: Neighbour): boolean => direction === 'inbound' && editOf === null;

interface Stretch {
  readonly from: string;
  readonly to: string;
  readonly newestFirst: boolean;
  readonly limit: number;
}

const messagesBetween = async (
  tenant: TenantId,
  home: ClientId,
  { from, to, newestFirst, limit }: Stretch,
): Promise<Neighbour[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':from': from, ':to': to },
    ProjectionExpression: 'id, direction, sender, createdAt, editOf, sendAt, lane',
    ScanIndexForward: !newestFirst,
    Limit: limit,
    ConsistentRead: true,
  });
  return Items.map((item) => NeighbourSchema.parse(item));
};

const PAGE = 50;
const MOST_PAGES = 4;

/** The key just before that of a message. */
const before = (id: MessageId): string =>
  `${MESSAGE}${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}~`;

/** What stands before a message down to what a user wrote last, newest first; no more than 200. One query for each 50. */
const messagesSinceAnswer = async (tenant: TenantId, home: ClientId, id: MessageId) => {
  const found: Neighbour[] = [];
  let to = before(id);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const items = await messagesBetween(tenant, home, { from: MESSAGE, to, newestFirst: true, limit: PAGE });
    const at = items.findIndex(isAnswer);
    if (at >= 0) return { since: [...found, ...items.slice(0, at)], answer: items[at] };
    found.push(...items);
    const last = items.at(-1);
    if (items.length < PAGE || last === undefined) break;
    to = before(last.id);
  }
  return { since: found, answer: undefined };
};

/** How the chat stood between two moments, newest first. One query. */
const standingChanges = async (tenant: TenantId, home: ClientId, from: string, to: string): Promise<ChangeEntry[]> => {
  const prefix = changesOf('status');
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': clientCollection(tenant, home),
      ':from': `${prefix}${from}`,
      ':to': `${prefix}${to}`,
    },
    ScanIndexForward: false,
    Limit: 100,
    ConsistentRead: true,
  });
  return Items.map((item) => ChangeEntrySchema.parse(item));
};

/** When somebody resolved the chat last between two messages: the id of the event, which is also a time. One query. */
const resolvedBetween = async (
  tenant: TenantId,
  home: ClientId,
  from: MessageId | undefined,
  to: MessageId,
): Promise<string | undefined> =>
  (await standingChanges(tenant, home, from ?? '', to)).find(
    (entry) =>
      entry.kind === 'status' &&
      entry.data.changes.some(({ field, to: now }) => field === 'status' && now === 'resolved'),
  )?.id;

/** Since when was the chat open before this event? `null` where nothing tells. One query. */
export const openedBefore = async (tenant: TenantId, home: ClientId, id: string): Promise<string | null> =>
  (await standingChanges(tenant, home, '', id)).find((entry) => entry.id < id && isOpening(entry))?.at ?? null;

interface Wait {
  readonly from: string;
  /** Whether nobody had answered since the chat was opened, or opened again. */
  readonly isFirst: boolean;
}

/**
 * Since when did a client wait for this message of a user: the first that it wrote since somebody last wrote to it, and
 * since the chat was last resolved? It follows from what stands in the same collection. Two queries, and one more for each
 * 50 messages without an answer.
 */
export const waitBefore = async (tenant: TenantId, home: ClientId, id: MessageId): Promise<Wait | undefined> => {
  const { since, answer } = await messagesSinceAnswer(tenant, home, id);
  const resolved = await resolvedBetween(tenant, home, answer?.id, id);
  const waiting = since.filter((message) => asks(message) && (resolved === undefined || message.id > resolved));
  const first = waiting.at(-1);
  return first && { from: first.createdAt, isFirst: answer === undefined || resolved !== undefined };
};

/** @param seconds how long after something it may be */
const idAfter = (id: string, seconds: number): string => {
  const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) + seconds * 1000;
  const digits = time.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
};

/**
 * The first that a user wrote after something, soon: whether it answers may depend on what was written, or decided, just
 * before, and committed just after. One query.
 */
export const answerAfter = async (
  tenant: TenantId,
  home: ClientId,
  id: string,
  seconds: number,
): Promise<MessageId | undefined> => {
  const stretch = {
    from: `${MESSAGE}${id}~`,
    to: `${MESSAGE}${idAfter(id, seconds)}~`,
    newestFirst: false,
    limit: PAGE,
  };
  return (await messagesBetween(tenant, home, stretch)).find(isAnswer)?.id;
};
