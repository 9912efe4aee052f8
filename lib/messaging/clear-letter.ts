import { removePayload } from '../cloud/payloads.ts';
import type { DeadLetterId } from '../contract/dead-letters.ts';
import type { Act } from '../domain/act.ts';
import { findDiscarded, removeDiscarded } from '../table/dead-letters.ts';
import { Raced } from '../table/transaction.ts';

/**
 * Removes what a discarded letter has left in the bucket, and then the letter. A webhook that was taken in after all needs
 * its payload still: it is the receipt's.
 */
export const clearLetter = async ({ tenant }: Act, id: DeadLetterId): Promise<void> => {
  const letter = await findDiscarded(tenant, id);
  if (letter === undefined) return;
  if (letter.source !== 'webhook' || letter.redrivenAt === null) await removePayload(tenant, letter.payload);
  await removeDiscarded(tenant, letter).catch((error: unknown) => {
    if (!(error instanceof Raced)) throw error;
  });
};
