import type { TenantId } from '../contract/vocabulary.ts';
import { oldestId, oldestInstant, type RetainedKind } from '../domain/retention.ts';
import { knownSettings } from './settings.ts';

/**
 * Before which id is nothing of this kind shown any more? An empty one where all is. What the tenant set may be 10 seconds
 * old; one read when it is older.
 */
export const oldestShownId = async (tenant: TenantId, kind: RetainedKind): Promise<string> =>
  oldestId(await knownSettings(tenant), kind, new Date());

/** As above, before which instant? */
export const oldestShown = async (tenant: TenantId, kind: RetainedKind): Promise<string> =>
  oldestInstant(await knownSettings(tenant), kind, new Date());
