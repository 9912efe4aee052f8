import { TenantIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { LimitsSchema } from '../contract/settings.ts';
import { Failure } from '../domain/failure.ts';
import { settingsKey } from '../table/keys.ts';
import { rateKey } from '../table/team-keys.ts';
import { joinLine } from '../table/lines.ts';
import { getSettings, knownSettings } from '../table/settings.ts';
import { commit, put } from '../table/transaction.ts';
import { newAct } from '../../test/support/builders.ts';
import { newTenant } from '../../test/support/client.ts';
import { itemsOf } from '../../test/support/table.ts';
import { limitAddress, limitCaller } from './limit.ts';

const caller = (userId: string) => ({
  tenant: TenantIdSchema.parse(newTenant()),
  userId: UserIdSchema.parse(userId),
});

const refusals = async (count: number, ask: () => Promise<void> | void): Promise<unknown[]> => {
  const refused: unknown[] = [];
  for (let asked = 0; asked < count; asked += 1) {
    try {
      await ask();
    } catch (error) {
      refused.push(error);
    }
  }
  return refused;
};

const limit = async (limits: { requestsPerUser?: number; requestsPerTenant?: number }) => {
  const { tenant } = newAct();
  const settings = { ...(await getSettings(tenant)), limits: LimitsSchema.parse(limits), revision: 1 };
  await commit(tenant, [put({ ...settingsKey(tenant), ...settings })]);
  // The settings are known from here on.
  await knownSettings(tenant);
  return tenant;
};

describe('the limit of a user', () => {
  it('refuses a flood with the time to wait, and nobody else with it', async () => {
    const flooder = caller('ana');
    await knownSettings(flooder.tenant);
    const refused = (
      await Promise.all(Array.from({ length: 1_000 }, () => refusals(1, () => limitCaller(flooder))))
    ).flat();
    expect(refused.length).toBeGreaterThan(500);
    expect(refused[0]).toBeInstanceOf(Failure);
    expect(refused[0]).toMatchObject({
      code: 'rate.limited',
      particulars: { retryAfterSeconds: 1, limit: 400, limitOf: 'user' },
    });
    expect(await refusals(1, () => limitCaller({ ...flooder, userId: UserIdSchema.parse('ben') }))).toEqual([]);
  });

  it('is what its tenant says, and counts what other containers told of', async () => {
    const tenant = await limit({ requestsPerUser: 10 });
    const ana = { tenant, userId: UserIdSchema.parse('ana') };
    const line = { key: rateKey(tenant, ana.userId), name: 'all' } as const;
    // Another container has let the allowance of ten seconds through.
    await joinLine(tenant, line, 10_000, Date.now());
    const refused = await refusals(8, () => limitCaller(ana));
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ particulars: { limit: 20, limitOf: 'user' } });
    expect(await refusals(5, () => limitCaller({ ...ana, userId: UserIdSchema.parse('ben') }))).toEqual([]);
  });

  it('tells the table of lots only', async () => {
    const ana = caller('ana');
    await refusals(9, () => limitCaller(ana));
    expect(await itemsOf(ana.tenant)).toEqual([]);
    await refusals(1, () => limitCaller(ana));
    expect(await itemsOf(ana.tenant)).toMatchObject([{ pk: rateKey(ana.tenant, ana.userId).pk }]);
  });
});

it('a tenant has a limit over all of its users', async () => {
  const tenant = await limit({ requestsPerTenant: 5 });
  const ask = (user: number) => refusals(1, () => limitCaller({ tenant, userId: UserIdSchema.parse(`user-${user}`) }));
  const refused = (await Promise.all(Array.from({ length: 30 }, (_, user) => ask(user)))).flat();
  expect(refused.length).toBeGreaterThanOrEqual(15);
  expect(refused[0]).toMatchObject({ code: 'rate.limited', particulars: { limitOf: 'tenant', limit: 10 } });
});

it('a tenant gives itself no more than the deployment gives it', async () => {
  const tenant = await limit({ requestsPerTenant: 10_000, requestsPerUser: 10_000 });
  // Other containers have let the allowance of ten seconds through.
  await joinLine(tenant, { key: rateKey(tenant, null), name: 'all' }, 10_000, Date.now());
  const refused = await refusals(120, () => limitCaller({ tenant, userId: UserIdSchema.parse('ana') }));
  expect(refused[0]).toMatchObject({ code: 'rate.limited', particulars: { limit: 4_000, limitOf: 'tenant' } });
});

it('an address that nobody is known by has a limit of its own, as has its block of addresses', async () => {
  const refused = await refusals(1_500, () => limitAddress('2001:db8:1:2::1'));
  expect(refused.length).toBeGreaterThan(100);
  expect(refused[0]).toMatchObject({ code: 'rate.limited', particulars: { limitOf: 'address', limit: 1_000 } });
  expect(await refusals(100, () => limitAddress('2001:db8:1:2:ffff::9'))).not.toEqual([]);
  expect(await refusals(1, () => limitAddress('2001:db8:1:3::1'))).toEqual([]);
});

it('an address is the same however it is written', async () => {
  expect(await refusals(2_000, () => limitAddress('2001:db8::a:1'))).not.toEqual([]);
  expect(await refusals(500, () => limitAddress('2001:0db8:0:0:ffff::2'))).not.toEqual([]);
  expect(await refusals(2_000, () => limitAddress('192.0.2.7'))).not.toEqual([]);
  expect(await refusals(500, () => limitAddress('::ffff:192.0.2.7'))).not.toEqual([]);
});

it('strangers from very many addresses make nobody forget how much a user asks', async () => {
  const ana = { tenant: await limit({ requestsPerUser: 1 }), userId: UserIdSchema.parse('ana') };
  expect(await refusals(4, () => limitCaller(ana))).not.toEqual([]);
  for (let index = 0; index < 10_100; index += 1) limitAddress(`10.0.${index >> 8}.${index & 255}`);
  expect(await refusals(20, () => limitCaller(ana))).not.toEqual([]);
});
