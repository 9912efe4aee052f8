import { jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { WebhookEndpointSchema, WebhookReplaySchema } from '../lib/contract/webhook-endpoints.ts';
import { deliverWebhook, redispatchDelivery } from '../lib/messaging/deliver-webhooks.ts';
import { findDelivery } from '../lib/table/webhook-deliveries.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { mailsTo, show } from './support/notifications.ts';
import { actIn, addEndpoint, becomeSo, deliveriesOf, HOOKS, OtherSystem, secretOf } from './support/other-system.ts';
import { unique } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

/** An administrator who has come, and has an address. */
const addAdmin = async ({ id: tenant }: Tenant): Promise<{ readonly email: string }> => {
  const user = unique('user');
  const email = `${user}@team.example`;
  expect((await api(await token({ tenant, user, email })).get('/crm/users/me')).status).toBe(200);
  return { email };
};

// Several waits, each of which may take long on a busy machine.
jest.setTimeout(90_000);

let other: OtherSystem;
beforeEach(async () => {
  other = new OtherSystem();
  await other.start();
});
afterEach(() => other.stop());

describe('another system', () => {
  it('is told of the events that it wants, signed, and of no others', async () => {
    const tenant = await openTenant();
    const endpoint = await addEndpoint(tenant, other.url);
    const client = await tenant.addClient();
    await tenant.admin.delete(`/crm/clients/${client.id}`);
    const { headers, body } = await other.first();
    const { secret } = await secretOf(tenant, endpoint);
    const event = new Webhook(secret).verify(body, headers);
    expect(event).toMatchObject({ type: 'ClientCreated', tenantId: tenant.id, data: { id: client.id } });
    expect(() => new Webhook(`whsec_${randomBytes(32).toString('base64')}`).verify(body, headers)).toThrow();
    await eventually(async () => {
      expect(await deliveriesOf(tenant, endpoint)).toMatchObject([
        {
          id: headers['webhook-id'],
          state: 'delivered',
          attempts: [{ status: 204, error: null }],
          nextAttemptAt: null,
        },
      ]);
    });
    expect(other.told).toHaveLength(1);
  });

  it('is told again, under the same id, what it did not take; a redirect is not followed', async () => {
    const tenant = await openTenant();
    const endpoint = await addEndpoint(tenant, other.url);
    other.status = 302;
    other.retryAfter = '600';
    await tenant.addClient();
    const waiting = first(await becomeSo(tenant, endpoint, 'pending'));
    expect(waiting.attempts).toMatchObject([{ status: 302, error: null }]);
    expect(Date.parse(waiting.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(500_000);
    other.status = 200;
    // Its first queue entry, handed over a second time, leads to nothing.
    await deliverWebhook(actIn(tenant, 0), endpoint.id, waiting.id, 1);
    await redispatchDelivery(actIn(tenant, 700), endpoint.id, waiting.id);
    const { attempts } = first(await becomeSo(tenant, endpoint, 'delivered'));
    expect(attempts.map(({ status }) => status)).toEqual([302, 200]);
    expect(other.told.map((told) => told.headers['webhook-id'])).toEqual([waiting.id, waiting.id]);
    expect(await tenant.admin.get(`${HOOKS}/${endpoint.id}`)).toMatchObject({
      body: { failingSince: null, version: 1 },
    });
  });

  it('does not wait for one that never answers, of its own tenant or another', async () => {
    const [tenant, neighbour] = [await openTenant(), await openTenant()];
    const slow = await addEndpoint(tenant, other.url, { url: other.url.replace('/hook', '/slow') });
    const [own, theirs] = [await addEndpoint(tenant, other.url), await addEndpoint(neighbour, other.url)];
    for (let index = 0; index < 6; index += 1) await tenant.addClient();
    await neighbour.addClient();
    await becomeSo(neighbour, theirs, 'delivered');
    await becomeSo(tenant, own, 'delivered', { count: 6 });
    await eventually(async () => {
      const [delivery] = await deliveriesOf(tenant, slow);
      expect(delivery?.attempts[0]).toMatchObject({ status: null, error: 'timeout' });
    }, 20_000);
  });

  it('is told again when somebody asks for it, once for an Idempotency-Key', async () => {
    const tenant = await openTenant();
    const endpoint = await addEndpoint(tenant, other.url);
    await tenant.addClient();
    const { id } = first(await becomeSo(tenant, endpoint, 'delivered'));
    const headers = { 'idempotency-key': 'once' };
    const replay = () => tenant.admin.post(`${HOOKS}/${endpoint.id}/deliveries/${id}/replay`, undefined, headers);
    const answers = await Promise.all([replay(), replay()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await eventually(async () => {
      expect((await deliveriesOf(tenant, endpoint))[0]?.attempts).toHaveLength(2);
    }, 20_000);
    expect(other.told).toHaveLength(2);
  });

  it('is told again all that failed of some events, or of a time, as a job', async () => {
    const tenant = await openTenant();
    const endpoint = await addEndpoint(tenant, other.url, { eventTypes: ['ClientCreated', 'ClientUpdated'] });
    const path = `${HOOKS}/${endpoint.id}`;
    const set = async (status: 'active' | 'disabled') =>
      read(
        await tenant.admin.put(path, { url: other.url, eventTypes: endpoint.eventTypes, status }),
        200,
        WebhookEndpointSchema,
      );
    other.status = 500;
    await tenant.addClient();
    await tenant.addClient();
    const waiting = await becomeSo(tenant, endpoint, 'pending', { count: 2 });
    // Whoever is told no more has what waits given up.
    await set('disabled');
    problemOf(await tenant.admin.post(`${path}/replays`, {}), 409, 'webhook.disabled');
    for (const { id } of waiting) await redispatchDelivery(actIn(tenant, 100_000), endpoint.id, id);
    await becomeSo(tenant, endpoint, 'failed', { count: 2 });
    await set('active');
    other.status = 204;
    const told = other.told.length;
    const replay = async (filter: object) => {
      const { id } = read(await tenant.admin.post(`${path}/replays`, filter), 202, WebhookReplaySchema);
      return eventually(async () => {
        const now = read(await tenant.admin.get(`${path}/replays/${id}`), 200, WebhookReplaySchema);
        expect(now.state).toBe('done');
        return now.replayed;
      }, 20_000);
    };
    expect(await replay({ eventTypes: ['ClientUpdated'] })).toBe(0);
    expect(await replay({ to: '2026-01-01T00:00:00.000Z' })).toBe(0);
    const [from, to] = ['2999-01-02T00:00:00.000Z', '2999-01-01T00:00:00.000Z'];
    expect(await replay({ from })).toBe(0);
    const backwards = [
      await tenant.admin.post(`${path}/replays`, { from, to }),
      await tenant.admin.get(`${path}/deliveries?from=${from}&to=${to}`),
    ];
    for (const answer of backwards) expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual(['/to']);
    expect(await deliveriesOf(tenant, endpoint, `?from=${from}`)).toEqual([]);
    expect(await replay({ eventTypes: ['ClientCreated'] })).toBe(2);
    await becomeSo(tenant, endpoint, 'delivered', { count: 2 });
    expect(await replay({})).toBe(0);
    expect(other.told).toHaveLength(told + 2);
  });

  it('hears both signatures for a day after its secret was changed', async () => {
    const tenant = await openTenant();
    const endpoint = await addEndpoint(tenant, other.url);
    const secrets = [(await secretOf(tenant, endpoint)).secret];
    for (let times = 0; times < 2; times += 1) {
      await tenant.admin.post(`${HOOKS}/${endpoint.id}/rotate-secret`);
      const { secret, former } = await secretOf(tenant, endpoint);
      expect(former.map((each) => each.secret)).toEqual(secrets);
      secrets.unshift(secret);
    }
    await tenant.addClient();
    const { headers, body } = await other.first();
    for (const secret of secrets) new Webhook(secret).verify(body, headers);
    // Neither events nor the audit log nor lists tell of it.
    const told = JSON.stringify([
      (await tenant.admin.get(HOOKS)).body,
      (await tenant.admin.get('/crm/audit')).body,
      other.told.map((each) => each.body),
    ]);
    expect(told).not.toMatch(/whsec_|sealed/);
  });

  it('that takes nothing for days is told no more, and this is announced; gone at once if it says so', async () => {
    const tenant = await openTenant();
    const admin = await addAdmin(tenant);
    const endpoint = await addEndpoint(tenant, other.url);
    const { id } = endpoint;
    other.status = 500;
    await tenant.addClient();
    const delivery = first(await becomeSo(tenant, endpoint, 'pending'));
    expect(await tenant.admin.get(`${HOOKS}/${id}`)).not.toMatchObject({ body: { failingSince: null } });
    await eventually(async () => {
      const record = await findDelivery(tenant.id, id, delivery.id);
      await deliverWebhook(actIn(tenant, 4 * 24 * 3600), id, delivery.id, (record?.spent ?? 0) + 1);
      expect(await tenant.admin.get(`${HOOKS}/${id}`)).toMatchObject({
        body: { status: 'disabled', disabledBecause: 'failing' },
      });
    }, 20_000);
    problemOf(await tenant.admin.post(`${HOOKS}/${id}/deliveries/${delivery.id}/replay`), 409, 'webhook.disabled');
    const mail = await eventually(async () => first(await mailsTo(admin)), 20_000);
    expect(mail).toMatchObject({ subject: 'An outgoing webhook was disabled' });
    expect(mail.text).toContain(new URL(endpoint.url).host);
    expect(mail.text).not.toContain('/hook');
    expect(await show(await eventOf(tenant.id, 'WebhookEndpointDisabled', id))).toBe(false);
    expect(await mailsTo(admin)).toHaveLength(1);
    other.status = 410;
    const gone = await addEndpoint(tenant, other.url, { url: `${other.url}/gone` });
    await tenant.addClient();
    await eventually(async () => {
      expect(await tenant.admin.get(`${HOOKS}/${gone.id}`)).toMatchObject({ body: { disabledBecause: 'gone' } });
      expect(JSON.stringify((await tenant.admin.get('/crm/audit')).body)).toContain('WebhookEndpointDisabled');
    }, 20_000);
  });
});
