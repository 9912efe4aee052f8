import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { SegmentFilter } from '../contract/segment-filter.ts';
import { ClientSummarySchema, type ClientSummary, type Preview } from '../contract/segments.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { evaluate, looksAtChats } from '../domain/segment-filter.ts';
import { findChats, recordsByAge } from '../table/client-walk.ts';
import { openCursor, sealCursor } from '../table/cursor.ts';

const PAGE = 100;
/** What one request looks at: about as much as it can without letting anybody wait. */
const MOST_PAGES = 20;
const MOST_MS = 3_000;
const SAMPLE = 10;

const PlaceSchema = z.object({ after: z.string().optional(), count: z.coerce.number() });

/** A cursor goes on with the filter that it was made for. */
const listOf = (filter: SegmentFilter): string =>
  `preview:${createHash('sha256').update(JSON.stringify(filter)).digest('base64url')}`;

const whoBelongs = async (
  { tenant, now }: Act,
  filter: SegmentFilter,
  clients: readonly ClientRecord[],
): Promise<ClientRecord[]> => {
  const ids = looksAtChats(filter) ? clients.map(({ id }) => id) : [];
  const chatOf = await findChats(tenant, ids);
  return clients.filter((client) => evaluate(filter, { client, chat: chatOf(client.id), now: now() }).holds);
};

/**
 * Counts whom a filter finds: page by page, for a bounded time, after which a cursor says where to go on. One query for
 * each 100 clients, and one read more where the filter looks at chats.
 *
 * @throws Failure `cursor.invalid`
 */
export const previewSegment = async (act: Act, filter: SegmentFilter, cursor: string | undefined): Promise<Preview> => {
  const list = listOf(filter);
  const start = cursor === undefined ? undefined : PlaceSchema.parse(await openCursor(act.tenant, list, cursor));
  const until = act.now().getTime() + MOST_MS;
  const sample: ClientSummary[] = [];
  let count = start?.count ?? 0;
  let after = start?.after ?? null;
  for (let page = 0; page < MOST_PAGES && act.now().getTime() < until; page += 1) {
    const { items, next } = await recordsByAge(act.tenant, after, PAGE);
    const found = await whoBelongs(act, filter, items);
    count += found.length;
    sample.push(...found.slice(0, SAMPLE - sample.length).map((client) => ClientSummarySchema.parse(client)));
    after = next;
    if (next === null) return { count, complete: true, cursor: null, sample };
  }
  const place = { ...(after !== null && { after }), count: String(count) };
  return { count, complete: false, cursor: await sealCursor(act.tenant, list, place), sample };
};
