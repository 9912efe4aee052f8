import type { JobId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { isOver } from '../domain/job.ts';
import { nextForgetting } from '../domain/retention.ts';
import { findJob, startJob } from '../table/jobs.ts';
import { getSettings, putOff } from '../table/settings.ts';
import { Raced } from '../table/transaction.ts';
import { RETENTION_BEGINNING } from './retention-work.ts';

/** Whether last night's removal goes on still, as it may where there is very much to be gone through. */
const goesOn = async (act: Act, jobId: JobId | null): Promise<boolean> => {
  const job = jobId === null ? undefined : await findJob(act.tenant, jobId);
  return job !== undefined && !isOver(job);
};

/**
 * It is night where the tenant is: the job that removes what is older than it is kept is started, unless that of a night
 * before goes on, and due again the night after. Two reads and one transaction.
 */
export const beginForgetting = async (act: Act): Promise<void> => {
  const settings = await getSettings(act.tenant);
  if (settings.dueAt === null || settings.dueAt > instant(act.now())) return;
  const work = { kind: 'retention', subjectId: act.tenant, position: RETENTION_BEGINNING } as const;
  const begun = (await goesOn(act, settings.jobId)) ? undefined : startJob(act, work);
  const after = { dueAt: nextForgetting(settings, act.now()), jobId: begun?.job.id ?? settings.jobId };
  try {
    await putOff(act.tenant, settings, after, begun?.steps ?? []);
  } catch (error) {
    // Somebody else began, or the settings changed: whatever is due is looked at again in a minute.
    if (!(error instanceof Raced)) throw error;
  }
};
