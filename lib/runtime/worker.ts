import { v7 as uuidv7 } from 'uuid';
import type { TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';

/** Time and ids for what no user asked for. */
export const now = (): Date => new Date();
export const newId = (): string => uuidv7();

/** What the system does by itself, for a tenant. */
export const systemAct = (tenant: TenantId, worker: string, correlationId: string): Act => ({
  tenant,
  actor: { type: 'system', id: worker },
  correlationId,
  now,
  newId,
});
