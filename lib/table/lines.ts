import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { ChannelId, ChatId, TenantId } from '../contract/vocabulary.ts';
import { updateAlone } from './client.ts';
import { type Key } from './keys.ts';
import { chatPaceKey } from './team-keys.ts';
import { update, type Step } from './transaction.ts';

/** A line in which turns are taken; one item may hold several. */
export interface Line {
  readonly key: Key;
  readonly name: 'all' | 'bulk';
}

const EndSchema = z.number();

/** Until when lines were taken when this container last saw them: says which of two writes to try first. */
const seen = new Map<string, number>();
const MOST_SEEN = 5_000;

const nameOf = ({ key, name }: Line): string => `${key.pk} ${name}`;

const remember = (line: Line, end: number): void => {
  if (seen.size >= MOST_SEEN) seen.clear();
  seen.set(nameOf(line), end);
};

/** A line that nobody has stood in for a day says nothing any more. */
const KEPT_SECONDS = 24 * 3600;

const write = async (
  tenant: TenantId,
  line: Line,
  expression: string,
  condition: string,
  values: Readonly<Record<string, number>>,
): Promise<{ readonly taken: boolean; readonly end: number | undefined }> => {
  try {
    const { Attributes } = await updateAlone(tenant, {
      Key: line.key,
      UpdateExpression: `SET #line = ${expression}, #expires = :expires`,
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#line': line.name, '#expires': 'expiresAt' },
      ExpressionAttributeValues: values,
      ReturnValues: 'UPDATED_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return { taken: true, end: EndSchema.parse(Attributes?.[line.name]) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const existing: Readonly<Record<string, unknown>> = error.Item === undefined ? {} : unmarshall(error.Item);
    return { taken: false, end: EndSchema.optional().parse(existing[line.name]) };
  }
};

const expires = (at: number): number => Math.floor(at / 1000) + KEPT_SECONDS;

/** Whoever takes turns while others do adds to what they took, so that nobody has to begin again. */
const atItsEnd = (tenant: TenantId, line: Line, ms: number, now: number) =>
  write(tenant, line, '#line + :ms', '#line >= :now', { ':ms': ms, ':now': now, ':expires': expires(now) });

const atOnce = (tenant: TenantId, line: Line, ms: number, now: number) =>
  write(tenant, line, ':end', 'attribute_not_exists(#line) OR #line <= :now', {
    ':end': now + ms,
    ':now': now,
    ':expires': expires(now),
  });

const ATTEMPTS = 10;

/**
 * Takes the next so many milliseconds of a line. One request, or two where the line became idle or busy meanwhile.
 *
 * @returns when they begin, in milliseconds since the epoch: now where the line was idle
 */
export const joinLine = async (tenant: TenantId, line: Line, ms: number, now: number): Promise<number> => {
  let busy = (seen.get(nameOf(line)) ?? 0) > now;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { taken, end } = await (busy ? atItsEnd : atOnce)(tenant, line, ms, now);
    if (end !== undefined) remember(line, end);
    if (taken && end !== undefined) return end - ms;
    busy = !busy;
  }
  throw new Error('A line is idle and busy at once.');
};

/**
 * Takes the next so many milliseconds of a line in which nobody waits. One request.
 *
 * @returns undefined when they are taken; otherwise when it may be tried again, in milliseconds since the epoch
 */
export const takeIfIdle = async (
  tenant: TenantId,
  line: Line,
  ms: number,
  now: number,
): Promise<number | undefined> => {
  const { taken, end } = await atOnce(tenant, line, ms, now);
  if (end !== undefined) remember(line, end);
  return taken ? undefined : (end ?? now + ms);
};

/**
 * Takes the next so many milliseconds of a line that is free within a while, and nothing of one that is not. One request, or
 * two where the line became idle or busy meanwhile.
 *
 * @returns when they begin, in milliseconds since the epoch; undefined where the line is taken for longer
 */
export const joinIfSoon = async (
  tenant: TenantId,
  line: Line,
  ms: number,
  now: number,
  patienceMs: number,
): Promise<number | undefined> => {
  const values = { ':ms': ms, ':now': now, ':latest': now + patienceMs, ':expires': expires(now) };
  let busy = (seen.get(nameOf(line)) ?? 0) > now;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { taken, end } = await (busy
      ? write(tenant, line, '#line + :ms', '#line BETWEEN :now AND :latest', values)
      : atOnce(tenant, line, ms, now));
    if (end !== undefined) remember(line, end);
    if (taken && end !== undefined) return end - ms;
    if (!taken && end !== undefined && end > now + patienceMs) return undefined;
    busy = !busy;
  }
  return undefined;
};

/** It is not yet time for another message to this chat. */
export class ChatTooSoon extends Error {
  override name = 'ChatTooSoon';
  /** Milliseconds since the epoch. */
  readonly until: number;

  constructor(until: number) {
    super('It is not yet time for another message to this chat.');
    this.until = until;
  }
}

const ChatPaceSchema = z.object({ nextAt: z.number() });

/** A message goes to this chat now, the next one so many milliseconds later. Refused with ChatTooSoon. */
export const enterChat = (tenant: TenantId, chatId: ChatId, channelId: ChannelId, ms: number, now: number): Step =>
  update(
    chatPaceKey(tenant, chatId, channelId),
    {
      expression: 'SET #next = :next, #expires = :expires',
      condition: 'attribute_not_exists(#next) OR #next <= :now',
      names: { '#next': 'nextAt', '#expires': 'expiresAt' },
      values: { ':next': now + ms, ':now': now, ':expires': Math.ceil((now + ms) / 1000) },
    },
    (existing) => new ChatTooSoon(ChatPaceSchema.safeParse(existing).data?.nextAt ?? now + ms),
  );
