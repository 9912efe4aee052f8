import { signExport } from '../cloud/client-exports.ts';
import type { ClientExport } from '../contract/privacy.ts';
import type { ClientId, UserId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { isUsable, newExport, type ExportRecord } from '../domain/client-export.ts';
import { findExport, startExport } from '../table/client-exports.ts';
import { getClient } from '../table/clients.ts';
import { startJob } from '../table/jobs.ts';
import { homesOf } from '../table/legal-holds.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { exportBeginning } from './export-position.ts';

/** How long an address works that leads to the file without a token. */
const ADDRESS_SECONDS = 600;

/**
 * The user's export of a client: the last one, or a new one that is about to be made. Two reads, side by side, and one
 * transaction for a new one. Of two who ask at once as the same user, one starts it.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const requestExport = (
  act: Act,
  clientId: ClientId,
  userId: UserId,
  wantsFresh: boolean,
): Promise<ExportRecord> =>
  untilUndisturbed(async () => {
    const [client, current] = await Promise.all([
      getClient(act.tenant, clientId),
      findExport(act.tenant, clientId, userId),
    ]);
    const homes = homesOf(client);
    if (current !== undefined && isUsable(current, homes, act.now(), wantsFresh)) return current;
    const position = exportBeginning(homes);
    const { job, steps } = startJob(act, { kind: 'client-export', subjectId: client.id, position });
    const record = newExport(act, client.id, homes, job.id);
    await startExport(act, current, record, steps);
    return record;
  });

/** As the API shows it: with an address of the file once it is ready. */
export const shownExport = async (act: Act, record: ExportRecord): Promise<ClientExport> => {
  const { id, clientId, state } = record;
  const shown = { ...record, url: null, expiresAt: null };
  if (state !== 'ready') return { ...shown, createdAt: null, size: null, keptUntil: null };
  return {
    ...shown,
    url: await signExport({ tenant: act.tenant, clientId, id }, ADDRESS_SECONDS),
    expiresAt: secondsAfter(act.now(), ADDRESS_SECONDS),
  };
};
