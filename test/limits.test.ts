import { SettingsInputSchema } from '../lib/contract/settings.ts';
import { problemOf } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

/** The first refusal of a flood. */
const flood = async (ask: () => ReturnType<Tenant['admin']['get']>) =>
  eventually(async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    const refused = answers.find(({ status }) => status === 429);
    if (refused === undefined) throw new Error('Nobody was refused.');
    return refused;
  }, 20_000);

describe('who asks too much', () => {
  it('is told to wait, for how long and whose limit it was; nobody else is', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const ben = await tenant.as('manager', 'ben');
    const limits = { requestsPerUser: 2 };
    expect((await tenant.admin.put('/crm/settings', SettingsInputSchema.parse({ limits }))).status).toBe(200);
    const refused = await flood(() => tenant.admin.get('/crm/instant-messages'));
    problemOf(refused, 429, 'rate.limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('ratelimit-policy')).toBe('"user";q=4');
    expect(refused.headers.get('ratelimit')).toMatch(/^"user";r=0;t=\d+$/);
    expect(refused.headers.get('access-control-expose-headers')).toContain('RateLimit');
    expect((await ben.get('/crm/clients')).status).toBe(200);
    expect((await other.admin.get('/crm/clients')).status).toBe(200);
  });

  it('is a tenant with all of its users, whose clients are heard all the same', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const limits = { requestsPerTenant: 2 };
    await tenant.admin.put('/crm/settings', SettingsInputSchema.parse({ limits }));
    const users = await Promise.all(['ana', 'ben', 'eve'].map((user) => tenant.as('admin', user)));
    let turn = 0;
    const refused = await flood(() => {
      turn += 1;
      return (users[turn % users.length] ?? tenant.admin).get('/crm/clients');
    });
    expect(refused.headers.get('ratelimit-policy')).toBe('"tenant";q=4');
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        tenant.receive(channel, { from: '+998901112233', text: `Salom ${index}` }),
      ),
    );
  });
});
