import { removePayload } from '../cloud/payloads.ts';
import type { DeadLetterId } from '../contract/dead-letters.ts';
import type { Act } from '../domain/act.ts';
import { findDiscarded, removeDiscarded } from '../table/dead-letters.ts';
import { Raced } from '../table/transaction.ts';

/** Removes what a discarded letter has left in the bucket, and then the letter. */
export const clearLetter = async ({ tenant }: Act, id: DeadLetterId): Promise<void> => {
  const letter = await findDiscarded(tenant, id);
  if (letter === undefined) return;
  await removePayload(tenant, letter.payload);
  await removeDiscarded(tenant, letter).catch((error: unknown) => {
    if (!(error instanceof Raced)) throw error;
  });
};
