import { first, pointersOf, problemOf } from './support/answers.ts';
import { activityOf, dashboardOf, overviewOf, performanceOf, setScene, type Scene } from './support/statistics.ts';
import { openTenant } from './support/tenant.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await setScene();
}, 60_000);

describe('statistics', () => {
  it('tell how much there is, of this tenant alone', async () => {
    const { tenant, sms } = scene;
    const overview = await overviewOf(tenant.admin);
    expect(overview).toMatchObject({ clients: 1, interactions: { open: 1, overdue: 1, isMore: false } });
    expect(overview.messages.channels).toEqual([
      { transport: 'sms', channelId: sms.id, inbound: 2, outbound: 2, byStatus: { received: 2, delivered: 2 } },
    ]);
    const stranger = await openTenant();
    expect(await overviewOf(stranger.admin)).toMatchObject({ clients: 0, messages: { inbound: 0, channels: [] } });
  });

  it('of an empty tenant, and of a client who has not written, are zeros and nulls', async () => {
    const nobody = await openTenant();
    const none = { count: 0, meanSeconds: null, p50Seconds: null, p90Seconds: null };
    const both = { elapsed: none, businessHours: none };
    const delivery = { sent: 0, delivered: 0, failed: 0, rate: null };
    const measured = { firstResponse: both, response: both, resolution: both, delivery, resolved: 0 };
    const { total, channels, agents } = await performanceOf(nobody.admin);
    expect([total, channels, agents]).toEqual([measured, [], []]);
    const { series, days, busiestHours, topTags, topTemplates } = await dashboardOf(nobody.admin);
    expect([series, busiestHours, topTags, topTemplates]).toEqual([[], [], [], []]);
    expect(
      days.every(({ date, ...counts }) => date !== '' && Object.values(counts).every((count) => count === 0)),
    ).toBe(true);
    const { id } = await nobody.addClient();
    expect(await activityOf(nobody.admin, id)).toMatchObject({
      days: [],
      inbound: 0,
      lastContactAt: null,
      response: both,
    });
  });

  it("tell what happened on which day and hour of the tenant's clock", async () => {
    const { tenant, sms } = scene;
    const { timeZone, series, days, busiestHours, topTemplates, to } = await dashboardOf(tenant.admin);
    const now = Intl.DateTimeFormat('sv', { timeZone: 'Pacific/Kiritimati' }).format();
    expect([timeZone, to]).toEqual(['Pacific/Kiritimati', now]);
    expect(days).toHaveLength(30);
    expect(series.reduce((sum, each) => sum + each.inbound, 0)).toBe(2);
    expect(first(series)).toMatchObject({ transport: 'sms', channelId: sms.id });
    const sum = (field: 'clients' | 'opened' | 'resolved' | 'reopened') =>
      days.reduce((all, day) => all + day[field], 0);
    expect([sum('clients'), sum('opened'), sum('resolved'), sum('reopened')]).toEqual([1, 1, 1, 0]);
    expect(busiestHours.reduce((all, hour) => all + hour.inbound + hour.outbound, 0)).toBe(4);
    expect(topTemplates).toMatchObject([{ template: 'Assalomu alaykum!', count: 1 }]);
    const long = await dashboardOf(tenant.admin, `?to=${to}&from=${to}`);
    expect(long.days.map(({ date }) => date)).toEqual([to]);
  });

  it('tell how soon clients are answered: a manager of all, an agent of itself alone', async () => {
    const { tenant, sms, agent, other } = scene;
    const manager = await performanceOf(await tenant.as('manager'));
    expect(manager.total.response.elapsed.count).toBe(1);
    expect(manager.total.response.elapsed.p50Seconds).toBeGreaterThan(0);
    expect(manager.total.response.businessHours).toEqual(manager.total.response.elapsed);
    expect(manager.total.firstResponse).toEqual(manager.total.response);
    expect(manager.total.resolution.elapsed.count).toBe(1);
    expect(manager.total.delivery).toEqual({ sent: 2, delivered: 2, failed: 0, rate: 1 });
    expect(manager.channels).toMatchObject([{ transport: 'sms', channelId: sms.id }]);
    expect(manager.agents.map(({ userId }) => userId)).toEqual(['ana', 'aziz']);
    const own = await performanceOf(agent);
    expect(own).toMatchObject({ channels: [], total: { resolved: 1 } });
    expect(own.agents).toEqual(manager.agents.filter(({ userId }) => userId === 'aziz'));
    expect(own.total.delivery).toEqual(first(own.agents).delivery);
    expect(own.total.delivery.sent).toBe(1);
    expect(await performanceOf(other)).toMatchObject({ agents: [], total: { resolved: 0, delivery: { sent: 0 } } });
  });

  it('tell no agent of the whole tenant, by whichever name or as whichever table', async () => {
    const { tenant, agent } = scene;
    const manager = await tenant.as('manager');
    for (const path of ['/crm/stats', '/crm/stats/dashboard', '/api/stats', '/api/stats/dashboard']) {
      for (const asked of [path, `${path}?format=csv`]) {
        const refused = problemOf(await agent.get(asked), 403, 'permission.missing');
        expect(refused.permission).toBe('Stats.ReadAll');
      }
      expect((await manager.get(path)).status).toBe(200);
    }
    expect((await agent.get('/api/stats/performance')).body).toEqual(await performanceOf(agent));
  });

  it('tell of a client, and of no private notes of others; also under the other name', async () => {
    const { tenant, agent, clientId } = scene;
    const activity = await activityOf(agent, clientId);
    expect(activity).toMatchObject({ inbound: 2, outbound: 2, notes: 2, interactions: 1 });
    expect(activity.days.every(({ transport }) => transport === 'sms')).toBe(true);
    expect(activity.response.elapsed.count).toBe(1);
    expect(activity.lastContactAt).toBe((await tenant.chat(clientId)).lastMessageAt);
    expect(await activityOf(tenant.admin, clientId)).toMatchObject({ notes: 2 });
    const alias = await agent.get(`/api/stats/customers/${clientId}/activity`);
    expect(alias.body).toEqual(activity);
    const nobody = await openTenant();
    const refused = await nobody.admin.get(`/crm/stats/clients/${clientId}/activity`);
    const unknown = await nobody.admin.get('/crm/stats/clients/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10/activity');
    for (const answer of [refused, unknown]) problemOf(answer, 404, 'resource.not-found');
  });

  it('come as a table where that is asked for', async () => {
    const { tenant, clientId } = scene;
    for (const path of ['', '/dashboard', '/performance', `/clients/${clientId}/activity`]) {
      const [asked, accepted] = await Promise.all([
        tenant.admin.get(`/crm/stats${path}?format=csv`),
        tenant.admin.get(`/crm/stats${path}`, { accept: 'text/csv' }),
      ]);
      expect(asked.status).toBe(200);
      expect(asked.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(String(asked.body)).toMatch(/^[\w.]+(,[\w.]+)+\r\n/);
      expect(accepted.body).toEqual(asked.body);
    }
    const json = await tenant.admin.get('/crm/stats?format=json', { accept: 'text/csv' });
    expect(json.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('refuse what they cannot tell', async () => {
    const { tenant, agent } = scene;
    const ask = (query: string) => tenant.admin.get(`/crm/stats/dashboard?${query}`);
    problemOf(await ask('from=2026-02-01&to=2026-01-01'), 422, 'stats.range');
    problemOf(await ask('from=2025-01-01&to=2026-01-02'), 422, 'stats.range');
    problemOf(await ask('to=0000-01-01'), 422, 'stats.range');
    expect((await ask('from=2025-01-01&to=2026-01-01')).status).toBe(200);
    for (const reader of [tenant.admin, agent]) {
      for (const format of ['json', 'csv']) {
        const measure = (to: string) => reader.get(`/crm/stats/performance?from=2026-01-01&to=${to}&format=${format}`);
        expect((await measure('2026-04-02')).status).toBe(200);
        expect(problemOf(await measure('2026-04-03'), 422, 'stats.range').detail).toContain('92 days');
      }
    }
    for (const [query, pointer] of [
      ['from=yesterday', '/from'],
      ['to=2026-02-30', '/to'],
      ['format=xlsx', '/format'],
      ['days=3', '/days'],
    ] as const)
      expect(pointersOf(problemOf(await ask(query), 400, 'request.invalid'))).toEqual([pointer]);
    problemOf(await tenant.admin.get('/crm/stats', { authorization: 'Bearer none' }), 401, 'token.invalid');
  });
});
