import { instant, type Act } from '../domain/act.ts';
import { nextForgetting } from '../domain/retention.ts';
import { startJob } from '../table/jobs.ts';
import { getSettings, putOff } from '../table/settings.ts';
import { Raced } from '../table/transaction.ts';
import { RETENTION_BEGINNING } from './retention-work.ts';

/**
 * It is night where the tenant is: the job that removes what is older than it is kept is started, and due again the night
 * after. One read and one transaction.
 */
export const beginForgetting = async (act: Act): Promise<void> => {
  const settings = await getSettings(act.tenant);
  if (settings.dueAt === null || settings.dueAt > instant(act.now())) return;
  const { steps } = startJob(act, { kind: 'retention', subjectId: act.tenant, position: RETENTION_BEGINNING });
  try {
    await putOff(act.tenant, settings, nextForgetting(settings, act.now()), steps);
  } catch (error) {
    // Somebody else began, or the settings changed: whatever is due is looked at again in a minute.
    if (!(error instanceof Raced)) throw error;
  }
};
