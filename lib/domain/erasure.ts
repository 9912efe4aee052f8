import type * as z from 'zod';
import { ErasureSchema, RemovedSchema, type Removed } from '../contract/privacy.ts';
import { ErasureIdSchema, UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';

/** A receipt as it is stored: as the API shows it. */
export const ErasureRecordSchema = ErasureSchema;
export type ErasureRecord = z.infer<typeof ErasureRecordSchema>;

/** @param act in the name of the user who asked for it */
export const newErasure = (act: Act, clientId: ClientId): ErasureRecord => ({
  id: ErasureIdSchema.parse(act.newId()),
  clientId,
  state: 'running',
  requestedAt: instant(act.now()),
  requestedBy: UserIdSchema.parse(act.actor.id),
  completedAt: null,
  removed: RemovedSchema.parse({}),
});

export const completedErasure = (act: Act, erasure: ErasureRecord, removed: Removed): ErasureRecord => ({
  ...erasure,
  state: 'done',
  completedAt: instant(act.now()),
  removed,
});

type Kind = keyof Removed;

const kinds = RemovedSchema.keyof().options;

export const addRemoved = (one: Removed, other: Partial<Removed>): Removed =>
  RemovedSchema.parse(Object.fromEntries(kinds.map((kind: Kind) => [kind, one[kind] + (other[kind] ?? 0)])));

export const totalRemoved = (removed: Removed): number => kinds.reduce((sum, kind) => sum + removed[kind], 0);
