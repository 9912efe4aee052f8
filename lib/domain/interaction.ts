import * as z from 'zod';
import {
  InteractionSchema,
  type Completion,
  type Due,
  type Interaction,
  type InteractionReplacement,
  type InteractionStatus,
  type NewInteraction,
} from '../contract/interactions.ts';
import { InteractionIdSchema, type ClientId, type UserId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';
import { Failure } from './failure.ts';

/** An interaction as it is stored; `clientId` names the collection it stands in. Its status depends on the clock. */
export const InteractionRecordSchema = InteractionSchema.omit({ status: true }).extend({ revision: z.int() });
export type InteractionRecord = z.infer<typeof InteractionRecordSchema>;

const statusOf = ({ scheduledAt, completedAt }: InteractionRecord, now: Date): InteractionStatus => {
  if (completedAt !== null) return 'completed';
  if (scheduledAt === null) return 'logged';
  return scheduledAt < instant(now) ? 'overdue' : 'planned';
};

/** As the API shows it at this time, as one of this client: the one that lives on where several were merged. */
export const showInteraction = (
  record: InteractionRecord,
  now: Date,
  clientId: ClientId = record.clientId,
): Interaction => ({ ...record, clientId, status: statusOf(record, now) });

/** How far the clocks of those who complete may be ahead of ours. */
const CLOCKS_DIFFER_SECONDS = 60;

const checkTime = (act: Act, completedAt: string | null): void => {
  if (completedAt !== null && completedAt > secondsAfter(act.now(), CLOCKS_DIFFER_SECONDS)) {
    throw new Failure('interaction.future', 'Nothing can be completed before it has taken place: see completedAt.');
  }
};

const isComplete = ({ completedAt }: InteractionRecord): boolean => completedAt !== null;

const completedBefore = ({ completedAt }: InteractionRecord): Failure =>
  new Failure('interaction.completed', `This interaction was completed at ${completedAt ?? 'some time'}.`);

/** @throws Failure `interaction.future` */
export const newInteraction = (
  act: Act,
  clientId: ClientId,
  caller: UserId,
  { userId = caller, ...input }: NewInteraction,
): InteractionRecord => {
  checkTime(act, input.completedAt);
  const createdAt = instant(act.now());
  return {
    ...input,
    id: InteractionIdSchema.parse(act.newId()),
    clientId,
    userId,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    revision: 1,
  };
};

const touched = (act: Act, before: InteractionRecord, change: Partial<InteractionRecord>): InteractionRecord => ({
  ...before,
  ...change,
  updatedAt: instant(act.now()),
  version: before.version + 1,
});

/** @throws Failure `interaction.completed` for what would make it incomplete again; `interaction.future` */
export const replaceInteraction = (
  act: Act,
  before: InteractionRecord,
  { userId = before.userId, completedAt = before.completedAt, ...input }: InteractionReplacement,
): InteractionRecord => {
  if (isComplete(before) && completedAt === null) throw completedBefore(before);
  checkTime(act, completedAt);
  return touched(act, before, { ...input, userId, completedAt });
};

/** @throws Failure `interaction.completed` the second time; `interaction.future` */
export const completeInteraction = (
  act: Act,
  before: InteractionRecord,
  { outcome, durationMinutes, completedAt = instant(act.now()) }: Completion,
): InteractionRecord => {
  if (isComplete(before)) throw completedBefore(before);
  checkTime(act, completedAt);
  return touched(act, before, {
    completedAt,
    ...(outcome !== undefined && { outcome }),
    ...(durationMinutes !== undefined && { durationMinutes }),
  });
};

/** Completing happens once, however it is done. */
export const isCompletion = (after: InteractionRecord, before?: InteractionRecord): boolean =>
  isComplete(after) && (before === undefined || !isComplete(before));

/** Places in the list of what is due: `scheduledAt#id`. Digits sort after the first and before the last of these. */
const EARLIEST = '0';
const LATEST = '~';

interface DueRange {
  readonly from: string;
  readonly to: string;
}

/** Between which places, both included, stands what is asked for. Overdue is what was due before this very moment. */
export const dueRange = (due: Due | undefined, now: Date): DueRange => {
  const at = instant(now);
  switch (due) {
    case undefined:
      return { from: EARLIEST, to: LATEST };
    case 'overdue':
      return { from: EARLIEST, to: at };
    case 'planned':
      return { from: at, to: LATEST };
    case 'today': {
      const day = at.slice(0, 10);
      return { from: day, to: `${day}${LATEST}` };
    }
    default:
      return { from: EARLIEST, to: `${due}${LATEST}` };
  }
};

/** Where an interaction stands in the list of what is due; undefined for one that is not in it. */
export const duePlace = ({ id, scheduledAt, completedAt }: InteractionRecord): string | undefined =>
  scheduledAt === null || completedAt !== null ? undefined : `${scheduledAt}#${id}`;
