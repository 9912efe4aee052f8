import * as z from 'zod';
import { DeadLetterIdSchema, type DeadLetterId } from '../contract/dead-letters.ts';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { keepOwnerless } from '../table/dead-letters.ts';
import { keepGivenUp } from './keep-letter.ts';
import { clientsOfEntry } from './letter-clients.ts';
import { ArrivedSchema, claimedTenantOf } from './webhook.ts';

/** An entry that its queue gave up, or that the bus could not put there. */
export interface GivenUp {
  /** The queue's own name for the entry. */
  readonly entry: string;
  readonly body: string;
  /** Where it stood, or should have. */
  readonly queue: string;
  readonly group: string | undefined;
  readonly reason: string;
  /** The dead letter that it was when it was redriven. */
  readonly letterId: string | undefined;
  readonly receivedAt: string;
}

const OwnedSchema = z.union([
  z.object({ tenantId: TenantIdSchema }).transform(({ tenantId }) => tenantId),
  z.object({ detail: z.object({ tenantId: TenantIdSchema }) }).transform(({ detail }) => detail.tenantId),
]);

const parsed = (body: string): unknown => {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch {
    return undefined;
  }
};

const ownerOf = async (body: string): Promise<TenantId | undefined> => {
  const content = parsed(body);
  const named = OwnedSchema.safeParse(content);
  if (named.success) return named.data;
  const webhook = ArrivedSchema.safeParse(content);
  return webhook.success ? claimedTenantOf(webhook.data) : undefined;
};

/** `parley-prod-OutboundTwilioQueue-1ABC.fifo` is `outbound-twilio`, `parley-prod-AuditDeadLetters` is `audit`. */
const originOf = (queue: string): string => {
  const words = /([A-Za-z]+?)(?:Queue|DeadLetters)(?:[-.]|$)/.exec(queue)?.[1] ?? queue;
  return words.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
};

const known = (letterId: string | undefined): { readonly id?: DeadLetterId } => {
  const id = DeadLetterIdSchema.safeParse(letterId);
  return id.success ? { id: id.data } : {};
};

/**
 * Keeps what a queue gave up as a dead letter of its tenant; what belongs to none is kept for operators. The same entry is
 * kept once. One transaction, and one read for each client it is about; one read more for a webhook.
 */
export const collectGivenUp = async (given: GivenUp): Promise<'kept' | 'ownerless'> => {
  const { entry, body, queue, group, reason, receivedAt } = given;
  const tenant = await ownerOf(body);
  const letter = {
    ...known(given.letterId),
    source: 'queue',
    origin: originOf(queue),
    reason,
    receivedAt,
    entry: `${queue} ${entry}`,
    way: { to: 'queue', queue, ...(group !== undefined && { group }) },
  } as const;
  if (tenant === undefined) {
    await keepOwnerless({ ...letter, payload: body });
    return 'ownerless';
  }
  await keepGivenUp(tenant, { ...letter, body, clients: clientsOfEntry(body) });
  return 'kept';
};
