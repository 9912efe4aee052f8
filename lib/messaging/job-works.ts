import { segmentBuild, segmentRemoval } from './build-segment.ts';
import { erasureWork } from './erasure-work.ts';
import { exportWork } from './export-work.ts';
import { importWork } from './import-work.ts';
import type { JobWorks } from './jobs.ts';
import { redriveWork } from './redrive.ts';
import { reconciliationWork } from './reconcile.ts';
import { replayWork } from './replay-webhooks.ts';
import { retentionWork } from './retention-work.ts';
import { sheetWork } from './sheet-work.ts';

/** Who does which kind of job. */
export const jobWorks: JobWorks = {
  'clients-export': sheetWork,
  'clients-import': importWork,
  'client-export': exportWork,
  'client-erasure': erasureWork,
  'dead-letters-redrive': redriveWork,
  reconciliation: reconciliationWork(),
  retention: retentionWork,
  'segment-build': segmentBuild,
  'segment-removal': segmentRemoval,
  'webhook-replay': replayWork,
};
