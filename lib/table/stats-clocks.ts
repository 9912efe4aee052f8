import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BusinessHoursSchema } from '../contract/settings.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import type { Clock } from '../domain/business-time.ts';
import { readTogether } from './read-together.ts';
import { clockKey } from './stats-keys.ts';
import { absent, commit, put, Raced } from './transaction.ts';

/** A clock as it is kept. */
export const ClockSchema = z.object({ timeZone: z.string(), businessHours: BusinessHoursSchema.nullable() });

/** What a clock is called: the same for the same. */
export const clockName = ({ timeZone, businessHours }: Clock): string =>
  createHash('sha256')
    .update(JSON.stringify(ClockSchema.parse({ timeZone, businessHours })))
    .digest('hex')
    .slice(0, 16);

/** Keeps a clock that something is counted by; it never changes. One transaction. */
export const keepClock = async (tenant: TenantId, { timeZone, businessHours }: Clock): Promise<void> => {
  const clock = ClockSchema.parse({ timeZone, businessHours });
  try {
    await commit(tenant, [put({ ...clockKey(tenant, clockName(clock)), ...clock }, absent)]);
  } catch (error) {
    // Somebody else has kept it meanwhile: what has this name is the same.
    if (!(error instanceof Raced)) throw error;
  }
};

/** Which clocks have these names, up to 100? One read; none where there are no names. */
export const findClocks = async (tenant: TenantId, names: readonly string[]): Promise<ReadonlyMap<string, Clock>> => {
  if (names.length === 0) return new Map();
  const itemAt = await readTogether(
    tenant,
    names.map((name) => clockKey(tenant, name)),
  );
  return new Map(
    names.flatMap((name): [string, Clock][] => {
      const clock = ClockSchema.optional().parse(itemAt(clockKey(tenant, name)));
      return clock === undefined ? [] : [[name, clock]];
    }),
  );
};
