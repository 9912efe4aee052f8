import { newTenantId } from '../../test/support/builders.ts';
import { unique } from '../../test/support/random.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { limitFrames } from './frame-limit.ts';

/** Frames on connections of one tenant, so many on each. Gives the refusals. */
const refusals = (tenant: TenantId, connections: number, frames: number): unknown[] => {
  const refused: unknown[] = [];
  for (let index = 0; index < connections; index += 1) {
    const connection = unique('connection');
    for (let frame = 0; frame < frames; frame += 1) {
      try {
        limitFrames(tenant, connection);
      } catch (error) {
        refused.push(error);
      }
    }
  }
  return refused;
};

describe('the limit of frames', () => {
  it('holds for a connection, and what goes beyond is not taken from its tenant', () => {
    const tenant = newTenantId();
    expect(refusals(tenant, 1, 20)).toEqual([]);
    expect(refusals(tenant, 1, 1_000).length).toBeGreaterThan(900);
    expect(refusals(tenant, 10, 20)).toEqual([]);
  });

  it('holds for all connections of a tenant together, and takes nothing from another one', () => {
    const [tenant, other] = [newTenantId(), newTenantId()];
    const refused = refusals(tenant, 100, 10);
    expect(refused.length).toBeGreaterThan(400);
    expect(refused[0]).toMatchObject({ code: 'rate.limited' });
    expect(refusals(other, 10, 10)).toEqual([]);
  });
});
