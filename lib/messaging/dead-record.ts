import { keepPayload } from '../cloud/payloads.ts';
import type { DeadLetterId } from '../contract/dead-letters.ts';
import { TenantIdSchema } from '../contract/vocabulary.ts';
import { keepDeadLetter } from '../table/dead-letters.ts';
import { tenantOfKey } from '../table/keys.ts';

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
  await keepDeadLetter(tenant.data, {
    ...(letterId !== undefined && { id: letterId }),
    source: 'stream',
    origin: 'outbox',
    reason,
    payload: await keepPayload(tenant.data, 'stream', payload),
    receivedAt,
    way: { to: 'stream' },
  });
  return true;
};
