import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Channel } from '../lib/contract/channels.ts';
import { ClientActivitySchema, DashboardSchema, OverviewSchema, PerformanceSchema } from '../lib/contract/stats.ts';
import { TemplateSchema } from '../lib/contract/templates.ts';
import { batchWrite } from '../lib/table/client.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { eventually, sharedUrls, type Api } from './support/client.ts';
import { merged } from './support/merging.ts';
import { askToErase, erased } from './support/privacy.ts';
import { newPhone } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const overviewOf = async (reader: Api) => read(await reader.get('/crm/stats'), 200, OverviewSchema);
const dashboardOf = async (reader: Api, query = '') =>
  read(await reader.get(`/crm/stats/dashboard${query}`), 200, DashboardSchema);
const performanceOf = async (reader: Api, query = '') =>
  read(await reader.get(`/crm/stats/performance${query}`), 200, PerformanceSchema);
const activityOf = async (reader: Api, id: string, query = '') =>
  read(await reader.get(`/crm/stats/clients/${id}/activity${query}`), 200, ClientActivitySchema);

/** A chat in which a client wrote twice, Aziz answered by a template, and Ana wrote more; resolved after that. */
interface Scene {
  readonly tenant: Tenant;
  readonly sms: Channel;
  readonly agent: Api;
  readonly other: Api;
  readonly phone: string;
  readonly clientId: string;
}

const SETTINGS = { timeZone: 'Pacific/Kiritimati' };

const setScene = async (): Promise<Scene> => {
  const tenant = await openTenant();
  expect((await tenant.admin.put('/crm/settings', SETTINGS)).status).toBe(200);
  const sms = await tenant.connectTwilio('sms');
  const phone = newPhone();
  await tenant.receive(sms, { from: phone, text: 'Salom' });
  await tenant.receive(sms, { from: phone, text: 'Kim bor?' });
  const { id: clientId } = await tenant.onlyChat();
  const [agent, other] = await Promise.all([tenant.as('agent', 'aziz'), tenant.as('agent', 'olga')]);
  const template = await tenant.admin.post('/crm/instant-messages', { template: 'Assalomu alaykum!' });
  const { id: templateId } = read(template, 201, TemplateSchema);
  const answered = await agent.post(`/crm/chats/${clientId}/messages`, { templateId });
  expect(answered.status).toBe(202);
  const more = await tenant.send(clientId, { text: 'Yana nima?' });
  await tenant.becomes(more, 'delivered');
  expect((await agent.put(`/crm/chats/${clientId}`, { status: 'resolved' })).status).toBe(200);
  expect((await agent.post(`/crm/clients/${clientId}/tags`, { tags: ['vip'] })).status).toBe(200);
  for (const [writer, isPrivate] of [
    [agent, false],
    [agent, true],
    [tenant.admin, true],
  ] as const) {
    const note = await writer.post(`/crm/clients/${clientId}/notes`, { text: 'bir gap', private: isPrivate });
    expect(note.status).toBe(201);
  }
  const plan = { type: 'call', subject: 'Qayta', scheduledAt: '2020-01-01T00:00:00.000Z' };
  expect((await agent.post(`/crm/clients/${clientId}/interactions`, plan)).status).toBe(201);
  return { tenant, sms, agent, other, phone, clientId };
};

/** As `npm run recount` beside the stack of all tests. */
const recount = async (tenant: Tenant): Promise<string> => {
  const command = fileURLToPath(new URL('../local/recount.ts', import.meta.url));
  const env = { PATH: process.env.PATH, PORT: new URL(sharedUrls().api).port };
  return (await promisify(execFile)(process.execPath, [command, '--tenant', tenant.id], { env })).stdout;
};

const wholly = async ({ tenant, clientId }: Scene): Promise<unknown> => {
  const overview = { ...(await overviewOf(tenant.admin)), at: '' };
  const shown = await Promise.all([
    dashboardOf(tenant.admin),
    performanceOf(tenant.admin),
    activityOf(tenant.admin, clientId),
  ]);
  return [overview, ...shown];
};

let scene: Scene;
beforeAll(async () => {
  scene = await setScene();
  await eventually(async () => {
    const { messages, chats } = await overviewOf(scene.tenant.admin);
    expect(messages).toMatchObject({ inbound: 2, outbound: 2, byStatus: { received: 2, delivered: 2 } });
    expect(chats).toEqual({ open: 0, resolved: 1, snoozed: 0, unread: 1 });
    expect((await performanceOf(scene.tenant.admin)).total.resolved).toBe(1);
    expect((await dashboardOf(scene.tenant.admin)).topTags).toEqual([{ tag: 'vip', count: 1 }]);
  }, 20_000);
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
    expect((await dashboardOf(stranger.admin)).series).toEqual([]);
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
    expect(own).toMatchObject({ channels: [], agents: [{ userId: 'aziz' }], total: { resolved: 1 } });
    expect(own.total.delivery).toEqual(first(own.agents).delivery);
    expect(own.total.delivery.sent).toBe(1);
    expect(await performanceOf(other)).toMatchObject({ agents: [], total: { resolved: 0, delivery: { sent: 0 } } });
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
    const { tenant } = scene;
    const ask = (query: string) => tenant.admin.get(`/crm/stats/dashboard?${query}`);
    problemOf(await ask('from=2026-02-01&to=2026-01-01'), 422, 'stats.range');
    problemOf(await ask('from=2025-01-01&to=2026-01-02'), 422, 'stats.range');
    expect((await ask('from=2025-01-01&to=2026-01-01')).status).toBe(200);
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

describe('npm run recount', () => {
  it('finds the same numbers, and mends what is wrong while the system runs', async () => {
    const { tenant } = scene;
    const whole = await wholly(scene);
    expect(await recount(tenant)).toContain(`${tenant.id}: all numbers are the same\ndone`);
    expect(await wholly(scene)).toEqual(whole);
    const counters = (await itemsOf(tenant.id)).filter(({ pk }) => /#STATS#\d+#/.test(String(pk)));
    await batchWrite(
      tenant.id,
      counters.slice(0, 5).map((item) => ({ PutRequest: { Item: { ...item, 'status:delivered': 99, resolved: 7 } } })),
    );
    expect(await recount(tenant)).toMatch(/: [1-9]\d* numbers differed and are mended/);
    expect(await wholly(scene)).toEqual(whole);
  }, 60_000);

  it('finds the same numbers after a client was merged or erased: what was counted stays', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const [kept, gone] = [newPhone(), newPhone()];
    await tenant.receive(sms, { from: kept, text: 'Salom' });
    await tenant.receive(sms, { from: gone, text: 'Salom' });
    const chats = await tenant.chats();
    const [{ id: goneId }, { id: keptId }] = [first(chats), first(chats.slice(1))];
    await eventually(async () => {
      expect((await overviewOf(tenant.admin)).messages.inbound).toBe(2);
    });
    await merged(tenant, { id: keptId }, { id: goneId });
    await eventually(async () => {
      expect(await overviewOf(tenant.admin)).toMatchObject({ clients: 1, chats: { open: 1, unread: 1 } });
    });
    expect((await activityOf(tenant.admin, keptId)).inbound).toBe(2);
    expect((await tenant.admin.get(`/crm/stats/clients/${goneId}/activity`)).status).toBe(308);
    await erased(tenant.admin, await askToErase(tenant.admin, keptId));
    await eventually(async () => {
      const { clients, chats: states, messages } = await overviewOf(tenant.admin);
      expect({ clients, states, inbound: messages.inbound }).toMatchObject({
        clients: 0,
        states: { open: 0, unread: 0 },
        inbound: 2,
      });
    });
    expect(await recount(tenant)).toContain('all numbers are the same');
    expect((await overviewOf(tenant.admin)).messages.inbound).toBe(2);
    const left = (await itemsOf(tenant.id)).filter(({ pk }) => String(pk).includes('#STATS'));
    expect(JSON.stringify(left)).not.toContain(keptId);
    problemOf(await tenant.admin.get(`/crm/stats/clients/${keptId}/activity`), 404, 'resource.not-found');
  }, 120_000);
});
