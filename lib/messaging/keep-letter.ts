import { createHash } from 'node:crypto';
import { keepLetterPayload } from '../cloud/payloads.ts';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import type { Undelivered } from '../domain/dead-letter.ts';
import { findClient } from '../table/clients.ts';
import { keepDeadLetter } from '../table/dead-letters.ts';

interface Given extends Omit<Undelivered, 'payload' | 'source'> {
  readonly source: 'queue' | 'stream';
  readonly body: string;
  /** The clients it is about. */
  readonly clients: readonly ClientId[];
}

const isGone = async (tenant: TenantId, id: ClientId): Promise<boolean> => {
  const client = await findClient(tenant, id);
  return client === undefined || client.state === 'erased';
};

const isAnyGone = async (tenant: TenantId, clients: readonly ClientId[]): Promise<boolean> =>
  (await Promise.all(clients.map((id) => isGone(tenant, id)))).includes(true);

/**
 * Keeps what a queue or the stream gave up, whole. Of a client that was erased meanwhile only that there was something is
 * kept: nothing that tells of anybody, and nothing that could be put back. An erasure marks the client first and looks
 * through the letters long after, so it finds what was kept before. One read for each client, and one transaction.
 */
export const keepGivenUp = async (tenant: TenantId, { body, clients, way, ...letter }: Given): Promise<void> => {
  if (!(await isAnyGone(tenant, clients))) {
    const payload = await keepLetterPayload(tenant, letter.source, body);
    await keepDeadLetter(tenant, { ...letter, payload, ...(way !== undefined && { way }) });
    return;
  }
  await keepDeadLetter(tenant, {
    ...letter,
    // Without a payload nothing else tells letters apart.
    entry: letter.entry ?? createHash('sha256').update(body).digest('hex'),
    reason: `${letter.reason} The client it was about was erased, so its payload was not kept.`,
    payload: '',
  });
};
