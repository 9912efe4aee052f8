import { randomUUID } from 'node:crypto';
import type { DeadLetterRecord, Undelivered } from '../../lib/domain/dead-letter.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { keepDeadLetter, listDeadLetters } from '../../lib/table/dead-letters.ts';
import { first } from './answers.ts';
import { addClient, buildClient, newAct } from './builders.ts';
import { eventually } from './client.ts';
import type { Tenant } from './tenant.ts';

/** An event as it stands on a subscriber's queue. */
export const envelopeOf = (tenant: Tenant, name = 'Olim'): string => {
  const act = newAct({ tenant: tenant.id });
  const event = clientEvent(act, 'ClientCreated', buildClient(act, { firstName: name }));
  return JSON.stringify({ 'detail-type': event.type, source: 'crm', detail: event });
};

/** The same of a client that is there. */
export const knownEnvelopeOf = async (tenant: Tenant): Promise<string> => {
  const act = newAct({ tenant: tenant.id });
  return JSON.stringify({ detail: clientEvent(act, 'ClientCreated', await addClient(act)) });
};

const QUEUE = 'parley-local-AuditQueue';
export const auditLetter = (tenant: Tenant, changes: Partial<Undelivered> = {}): Undelivered => ({
  source: 'queue',
  origin: 'audit',
  reason: 'It could not be handled.',
  payload: envelopeOf(tenant),
  receivedAt: new Date().toISOString(),
  entry: randomUUID(),
  way: { to: 'queue', queue: QUEUE },
  ...changes,
});

export const lettersOf = async ({ id }: Tenant): Promise<DeadLetterRecord[]> =>
  (await listDeadLetters(id, {}, { limit: 100 })).items;

/** A letter of the audit log's queue, as soon as it is listed. */
export const keepOne = async (tenant: Tenant, changes: Partial<Undelivered> = {}): Promise<DeadLetterRecord> => {
  await keepDeadLetter(tenant.id, auditLetter(tenant, changes));
  return eventually(async () => first(await lettersOf(tenant)));
};
