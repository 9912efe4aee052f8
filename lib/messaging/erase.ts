import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { newErasure, type ErasureRecord } from '../domain/erasure.ts';
import { erasureEvent } from '../domain/occurrence.ts';
import { findClients, getClientOrDeleted } from '../table/clients.ts';
import { beginErasure } from '../table/erasures.ts';
import { startJob } from '../table/jobs.ts';
import { homesOf } from '../table/legal-holds.ts';
import { Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { beginningOf } from './erasure-position.ts';

/**
 * Hides a client, deleted or not, for good, with all that were merged into it, and starts the job that removes them. Two
 * reads and one transaction.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `client.legal-hold`
 */
export const erase = (
  act: Act,
  clientId: ClientId,
  remember: (erasure: ErasureRecord) => readonly Step[],
): Promise<ErasureRecord> =>
  untilUndisturbed(async () => {
    const client = await getClientOrDeleted(act.tenant, clientId);
    const absorbed = await findClients(act.tenant, client.absorbed);
    if (absorbed.length !== client.absorbed.length) throw new Raced('A merged client is gone.');
    const erasure = newErasure(act, client.id);
    const { steps } = startJob(act, {
      kind: 'client-erasure',
      subjectId: client.id,
      position: beginningOf(erasure, homesOf(client)),
    });
    await beginErasure(act, {
      client,
      absorbed,
      erasure,
      event: erasureEvent(act, 'ClientErasureRequested', erasure),
      job: steps,
      also: remember(erasure),
    });
    return erasure;
  });
