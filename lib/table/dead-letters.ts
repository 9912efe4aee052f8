import { createHash } from 'node:crypto';
import type { TenantId } from '../contract/vocabulary.ts';
import { deadLetters } from './keys.ts';
import { commit, put } from './transaction.ts';

export interface DeadLetter {
  readonly source: 'webhook' | 'stream' | 'queue';
  readonly reason: string;
  readonly payload: string;
  readonly receivedAt: string;
}

/** Keeps what could not be handled, whole. The same payload is kept once, however often it comes. */
export const keepDeadLetter = (tenant: TenantId, letter: DeadLetter): Promise<void> => {
  const id = createHash('sha256').update(letter.payload).digest('hex');
  return commit(tenant, [put({ pk: deadLetters(tenant), sk: `${letter.source}#${id}`, id, ...letter })]);
};
