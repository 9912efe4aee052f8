import type { DeadLetterId } from '../contract/dead-letters.ts';
import { TenantIdSchema } from '../contract/vocabulary.ts';
import { tenantOfKey } from '../table/keys.ts';
import { keepGivenUp } from './keep-letter.ts';
import { clientsOfRecord } from './letter-clients.ts';

/** A record of the stream that can never be published, as it came. */
export interface DeadRecord {
  readonly pk: string;
  readonly reason: string;
  readonly payload: string;
  readonly receivedAt: string;
  /** The dead letter that it was when it was redriven. */
  readonly letterId?: DeadLetterId;
}

/**
 * Keeps it as a dead letter of its tenant, so that the stream can go on.
 *
 * @returns false for one whose key names no tenant: it belongs to nobody, and only its item in the table is left
 */
export const keepDeadRecord = async ({ pk, reason, payload, receivedAt, letterId }: DeadRecord): Promise<boolean> => {
  const tenant = TenantIdSchema.safeParse(tenantOfKey(pk));
  if (!tenant.success) return false;
  await keepGivenUp(tenant.data, {
    ...(letterId !== undefined && { id: letterId }),
    source: 'stream',
    origin: 'outbox',
    reason,
    body: payload,
    clients: clientsOfRecord(pk, payload),
    receivedAt,
    way: { to: 'stream' },
  });
  return true;
};
