import type { Channel } from '../../lib/contract/channels.ts';
import { ClientActivitySchema, DashboardSchema, OverviewSchema, PerformanceSchema } from '../../lib/contract/stats.ts';
import { TemplateSchema } from '../../lib/contract/templates.ts';
import { read } from './answers.ts';
import { eventually, type Api } from './client.ts';
import { newPhone } from './random.ts';
import { openTenant, type Tenant } from './tenant.ts';

export const overviewOf = async (reader: Api) => read(await reader.get('/crm/stats'), 200, OverviewSchema);
export const dashboardOf = async (reader: Api, query = '') =>
  read(await reader.get(`/crm/stats/dashboard${query}`), 200, DashboardSchema);
export const performanceOf = async (reader: Api, query = '') =>
  read(await reader.get(`/crm/stats/performance${query}`), 200, PerformanceSchema);
export const activityOf = async (reader: Api, id: string, query = '') =>
  read(await reader.get(`/crm/stats/clients/${id}/activity${query}`), 200, ClientActivitySchema);

/** A chat in which a client wrote twice, Aziz answered by a template, and Ana wrote more; resolved after that. */
export interface Scene {
  readonly tenant: Tenant;
  readonly sms: Channel;
  readonly agent: Api;
  readonly other: Api;
  readonly phone: string;
  readonly clientId: string;
}

const SETTINGS = { timeZone: 'Pacific/Kiritimati' };

const writeScene = async (): Promise<Scene> => {
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

/** As above, as soon as it is counted. */
export const setScene = async (): Promise<Scene> => {
  const scene = await writeScene();
  await eventually(async () => {
    const { messages, chats } = await overviewOf(scene.tenant.admin);
    expect(messages).toMatchObject({ inbound: 2, outbound: 2, byStatus: { received: 2, delivered: 2 } });
    expect(chats).toEqual({ open: 0, resolved: 1, snoozed: 0, unread: 1 });
    expect((await performanceOf(scene.tenant.admin)).total.resolved).toBe(1);
    expect((await dashboardOf(scene.tenant.admin)).topTags).toEqual([{ tag: 'vip', count: 1 }]);
  }, 20_000);
  return scene;
};
