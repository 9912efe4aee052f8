import * as z from 'zod';
import { LegalHoldSchema } from '../contract/privacy.ts';
import { UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { notFound } from './failure.ts';

/** A legal hold as it is stored. */
export const LegalHoldRecordSchema = LegalHoldSchema.extend({ revision: z.int() });
export type LegalHoldRecord = z.infer<typeof LegalHoldRecordSchema>;

export const newLegalHold = (act: Act, clientId: ClientId, reason: string): LegalHoldRecord => ({
  clientId,
  reason,
  setBy: UserIdSchema.parse(act.actor.id),
  since: instant(act.now()),
  updatedAt: instant(act.now()),
  version: 1,
  revision: 1,
});

/** The hold goes on for another reason. */
export const changedLegalHold = (act: Act, hold: LegalHoldRecord, reason: string): LegalHoldRecord => ({
  ...hold,
  reason,
  setBy: UserIdSchema.parse(act.actor.id),
  updatedAt: instant(act.now()),
  version: hold.version + 1,
  revision: hold.revision + 1,
});

/** The hold that a client is under, be it one of a client that was merged into it. @throws Failure `resource.not-found` */
export const shownHold = (clientId: ClientId, [hold]: readonly LegalHoldRecord[]): LegalHoldRecord => {
  if (hold === undefined) throw notFound();
  return { ...hold, clientId };
};
