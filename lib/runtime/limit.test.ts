import { TenantIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { newTenant } from '../../test/support/client.ts';
import { limitCaller } from './limit.ts';

const caller = (userId: string) => ({
  tenant: TenantIdSchema.parse(newTenant()),
  userId: UserIdSchema.parse(userId),
  role: 'agent' as const,
  name: null,
});

const refusals = (count: number, who: ReturnType<typeof caller>): unknown[] =>
  Array.from({ length: count }, () => {
    try {
      limitCaller(who);
      return [];
    } catch (error) {
      return [error];
    }
  }).flat();

describe('the limit of a user', () => {
  it('refuses a flood with the time to wait, and nobody else with it', () => {
    const flooder = caller('ana');
    const refused = refusals(1_000, flooder);
    expect(refused.length).toBeGreaterThan(500);
    expect(refused[0]).toBeInstanceOf(Failure);
    expect(refused[0]).toMatchObject({ code: 'rate.limited', particulars: { retryAfterSeconds: 1, limit: 400 } });
    expect(refusals(1, { ...flooder, userId: UserIdSchema.parse('ben') })).toEqual([]);
  });
});
