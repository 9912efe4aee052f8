import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 as newId } from 'uuid';
import { ClientIdSchema } from '../lib/contract/vocabulary.ts';
import { recount } from '../lib/messaging/recount.ts';
import { batchWrite } from '../lib/table/client.ts';
import { first, problemOf } from './support/answers.ts';
import { eventually, sharedUrls, simulator } from './support/client.ts';
import { merged } from './support/merging.ts';
import { askToErase, erased } from './support/privacy.ts';
import { newPhone } from './support/random.ts';
import { activityOf, dashboardOf, overviewOf, performanceOf } from './support/statistics.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

/** As `npm run recount` beside the stack of all tests. */
const recounted = async (tenant: Tenant): Promise<string> => {
  const command = fileURLToPath(new URL('../local/recount.ts', import.meta.url));
  const env = { PATH: process.env.PATH, PORT: new URL(sharedUrls().api).port };
  return (await promisify(execFile)(process.execPath, [command, '--tenant', tenant.id], { env })).stdout;
};

const wholly = async ({ tenant, kept }: { readonly tenant: Tenant; readonly kept: string }): Promise<unknown> => {
  const overview = { ...(await overviewOf(tenant.admin)), at: '' };
  const shown = await Promise.all([
    dashboardOf(tenant.admin),
    performanceOf(tenant.admin),
    activityOf(tenant.admin, kept),
  ]);
  return [overview, ...shown];
};

/** The failing, the confused, the deleted, the merged and the erased: what was counted of each stays. */
const setLateScene = async () => {
  const tenant = await openTenant();
  const sms = await tenant.connectTwilio('sms');
  const phones = Array.from({ length: 5 }, () => newPhone());
  await Promise.all(phones.map((from) => tenant.receive(sms, { from, text: from })));
  const chats = await tenant.chats();
  const ids: string[] = phones.map((phone) => first(chats.filter((chat) => chat.lastMessage?.text === phone)).id);
  const [kept = '', refusing = '', deleted = '', absorbed = '', gone = ''] = ids;
  const confuse = { provider: 'twilio', to: phones[0], duplicateCallbacks: 1, shuffleCallbacks: 1 };
  await simulator().setFaults(confuse);
  await simulator().setFaults({ provider: 'twilio', to: phones[1], rejectRate: 1 });
  await Promise.all([kept, refusing, gone, kept].map((id) => tenant.send(id, { text: 'Xush kelibsiz' })));
  await eventually(async () => {
    const { messages } = await overviewOf(tenant.admin);
    expect(messages).toMatchObject({ inbound: 5, outbound: 4, byStatus: { delivered: 3, failed: 1 } });
  }, 30_000);
  const receipt = await askToErase(tenant.admin, gone);
  await merged(tenant, { id: ClientIdSchema.parse(kept) }, { id: ClientIdSchema.parse(absorbed) });
  expect((await tenant.admin.delete(`/crm/clients/${deleted}`)).status).toBe(204);
  await erased(tenant.admin, receipt);
  return { tenant, kept, absorbed, gone };
};

let scene: Awaited<ReturnType<typeof setLateScene>>;
beforeAll(async () => {
  scene = await setLateScene();
}, 90_000);

describe('npm run recount', () => {
  it('finds the same numbers after failures, confused callbacks, a merge, a deletion and an erasure', async () => {
    const { tenant, kept, absorbed, gone } = scene;
    await eventually(async () => {
      const { clients, chats, messages } = await overviewOf(tenant.admin);
      expect([clients, chats.open, chats.unread]).toEqual([2, 2, 2]);
      expect(messages).toMatchObject({ inbound: 5, outbound: 4, byStatus: { delivered: 3, failed: 1 } });
    }, 20_000);
    expect((await activityOf(tenant.admin, kept)).inbound).toBe(2);
    expect((await tenant.admin.get(`/crm/stats/clients/${absorbed}/activity`)).status).toBe(308);
    problemOf(await tenant.admin.get(`/crm/stats/clients/${gone}/activity`), 404, 'resource.not-found');
    const whole = await wholly(scene);
    const told = await recounted(tenant);
    expect(told).toContain(`${tenant.id}: all numbers are the same\ndone`);
    expect(told).toContain('0 users had another number of open chats');
    expect(await wholly(scene)).toEqual(whole);
    const left = (await itemsOf(tenant.id)).filter(({ pk }) => String(pk).includes('#STATS'));
    expect(JSON.stringify(left)).not.toContain(gone);
  }, 60_000);

  it('mends what is wrong while the system runs', async () => {
    const { tenant } = scene;
    const whole = await wholly(scene);
    const counters = (await itemsOf(tenant.id)).filter(({ pk }) => /#STATS#\d+#/.test(String(pk)));
    await batchWrite(
      tenant.id,
      counters.slice(0, 5).map((item) => ({ PutRequest: { Item: { ...item, 'status:delivered': 99, resolved: 7 } } })),
    );
    let last;
    for await (const progress of recount(tenant.id, () => newId())) last = progress;
    expect(last).toMatchObject({ pass: 'done', late: 0 });
    expect(last?.mended).toBeGreaterThan(0);
    expect(await wholly(scene)).toEqual(whole);
  }, 60_000);
});
