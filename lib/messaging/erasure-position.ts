import * as z from 'zod';
import { RemovedSchema } from '../contract/privacy.ts';
import { ClientIdSchema, ErasureIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { ErasureRecord } from '../domain/erasure.ts';

/** Where an erasure stands. Ids and counts only: it outlives the client. */
export const PositionSchema = z.object({
  erasureId: ErasureIdSchema,
  /** The client, and those that were merged into it: all of them go. */
  clients: z.array(ClientIdSchema),
  phase: z.enum(['hidden', 'dead-letters', 'collections']),
  /** The last dead letter that was looked at. */
  deadLetter: z.string().nullable(),
  /** How many of the clients' collections are empty. */
  emptied: z.int(),
  removed: RemovedSchema,
});
export type Position = z.infer<typeof PositionSchema>;

export const beginningOf = (erasure: ErasureRecord, clients: readonly ClientId[]): Position => ({
  erasureId: erasure.id,
  clients: [...clients],
  phase: 'hidden',
  deadLetter: null,
  emptied: 0,
  removed: { ...erasure.removed },
});
