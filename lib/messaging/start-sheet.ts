import type { Export, NewExport } from '../contract/exports.ts';
import type { Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { sheetEvent } from '../domain/occurrence.ts';
import { sheetBeginning, sheetView } from '../domain/sheet-export.ts';
import { startJob } from '../table/jobs.ts';
import { announce } from '../table/outbox.ts';
import { findSegmentWithState } from '../table/segments.ts';
import { commit, type Step } from '../table/transaction.ts';

/**
 * Starts an export of clients. One transaction; one read more for a segment.
 *
 * @param remember gives what makes it happen once, for the export that the request is answered with
 * @throws Failure `export.no-segment`
 */
export const startSheet = async (act: Act, asked: NewExport, remember: (sheet: Export) => Step[]): Promise<Export> => {
  const { segmentId } = asked.filter;
  if (segmentId !== undefined && (await findSegmentWithState(act.tenant, segmentId)) === undefined) {
    throw new Failure('export.no-segment', 'There is no segment with this id.');
  }
  const { job, steps } = startJob(act, {
    kind: 'clients-export',
    subjectId: act.tenant,
    position: sheetBeginning(asked),
  });
  const sheet = sheetView(job, act.now());
  await commit(act.tenant, [...remember(sheet), ...steps, announce(sheetEvent(act, 'ExportStarted', sheet))]);
  return sheet;
};
