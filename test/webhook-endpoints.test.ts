import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { readBody, startServer, type LocalServer } from '../local/http-server.ts';
import {
  WebhookDeliverySchema,
  WebhookEndpointSchema,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '../lib/contract/webhook-endpoints.ts';
import { WebhookEndpointIdSchema } from '../lib/contract/vocabulary.ts';
import { deliverWebhook } from '../lib/messaging/deliver-webhooks.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const PATH = '/crm/webhook-endpoints';
const ListSchema = z.object({ items: z.array(WebhookDeliverySchema), nextCursor: z.string().nullable() });

interface Told {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Another system: takes what it is told, or answers what it is told to. */
class Other {
  readonly told: Told[] = [];
  status = 204;
  #server: LocalServer | undefined;

  async start(): Promise<void> {
    this.#server = await startServer(0, async (request, response) => {
      const body = (await readBody(request)).toString();
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      this.told.push({ headers: z.record(z.string(), z.string()).parse(Object.fromEntries(headers)), body });
      response.writeHead(this.status, { location: 'http://127.0.0.1:1/elsewhere' }).end('x'.repeat(100_000));
      await once(response, 'close');
    });
  }

  get url(): string {
    return `${this.#server?.url}/hook`;
  }

  stop(): Promise<void> {
    return this.#server?.stop() ?? Promise.resolve();
  }
}

let other: Other;
beforeEach(async () => {
  other = new Other();
  await other.start();
});
afterEach(() => other.stop());

const add = async (tenant: Tenant, more: object = {}): Promise<WebhookEndpoint> =>
  read(
    await tenant.admin.post(PATH, { url: other.url, eventTypes: ['ClientCreated'], ...more }),
    201,
    WebhookEndpointSchema,
  );

const deliveriesOf = async (tenant: Tenant, { id }: WebhookEndpoint, query = ''): Promise<WebhookDelivery[]> =>
  read(await tenant.admin.get(`${PATH}/${id}/deliveries${query}`), 200, ListSchema).items;

const secretOf = async (tenant: Tenant, { id }: WebhookEndpoint) =>
  read(
    await tenant.admin.get(`${PATH}/${id}/secret`),
    200,
    z.object({ secret: z.string(), former: z.object({ secret: z.string(), until: z.string() }).nullable() }),
  );

const firstTold = (): Promise<Told> =>
  eventually(() => {
    const [told] = other.told;
    if (told === undefined) throw new Error('Nothing was told.');
    return Promise.resolve(told);
  });

describe('another system', () => {
  it('is told of the events that it wants, signed, and of no others', async () => {
    const tenant = await openTenant();
    const endpoint = await add(tenant);
    const client = await tenant.addClient();
    await tenant.admin.delete(`/crm/clients/${client.id}`);
    const { headers, body } = await firstTold();
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
    const endpoint = await add(tenant);
    other.status = 302;
    await tenant.addClient();
    const { headers } = await firstTold();
    other.status = 200;
    await eventually(async () => {
      expect(await deliveriesOf(tenant, endpoint, '?state=delivered')).toHaveLength(1);
    }, 15_000);
    expect(other.told.map((told) => told.headers['webhook-id'])).toEqual([
      headers['webhook-id'],
      headers['webhook-id'],
    ]);
    const [delivery] = await deliveriesOf(tenant, endpoint);
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([302, 200]);
    expect(await tenant.admin.get(`${PATH}/${endpoint.id}`)).toMatchObject({
      body: { failingSince: null, version: 1 },
    });
  }, 30_000);

  it('is told again when somebody asks for it, once for an Idempotency-Key', async () => {
    const tenant = await openTenant();
    const endpoint = await add(tenant);
    await tenant.addClient();
    await firstTold();
    const [delivery] = await eventually(async () => {
      const delivered = await deliveriesOf(tenant, endpoint, '?state=delivered');
      expect(delivered).toHaveLength(1);
      return delivered;
    });
    const replay = () =>
      tenant.admin.post(`${PATH}/${endpoint.id}/deliveries/${delivery?.id}/replay`, undefined, {
        'idempotency-key': 'once',
      });
    const answers = await Promise.all([replay(), replay()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await eventually(async () => {
      expect((await deliveriesOf(tenant, endpoint))[0]?.attempts).toHaveLength(2);
    });
    expect(other.told).toHaveLength(2);
  });

  it('hears both signatures for a day after its secret was changed', async () => {
    const tenant = await openTenant();
    const endpoint = await add(tenant);
    const before = await secretOf(tenant, endpoint);
    await tenant.admin.post(`${PATH}/${endpoint.id}/rotate-secret`);
    const after = await secretOf(tenant, endpoint);
    expect(after.former?.secret).toBe(before.secret);
    await tenant.addClient();
    const { headers, body } = await firstTold();
    for (const { secret } of [before, after]) new Webhook(secret).verify(body, headers);
  });

  it('that takes nothing for days is told no more, and this is announced; gone at once if it says so', async () => {
    const tenant = await openTenant();
    const endpoint = await add(tenant);
    other.status = 500;
    await tenant.addClient();
    await firstTold();
    const [delivery] = await deliveriesOf(tenant, endpoint);
    if (delivery === undefined) throw new Error('There is no delivery.');
    const id = WebhookEndpointIdSchema.parse(endpoint.id);
    await eventually(async () => {
      const { failingSince } = read(await tenant.admin.get(`${PATH}/${id}`), 200, WebhookEndpointSchema);
      expect(failingSince).not.toBeNull();
    });
    const later = newAct({ tenant: tenant.id, now: () => new Date(Date.now() + 4 * 24 * 3600 * 1000) });
    await eventually(async () => {
      await deliverWebhook(later, id, delivery.id);
      expect(await tenant.admin.get(`${PATH}/${id}`)).toMatchObject({
        body: { status: 'disabled', disabledBecause: 'failing' },
      });
    });
    problemOf(await tenant.admin.post(`${PATH}/${id}/deliveries/${delivery.id}/replay`), 409, 'webhook.disabled');
    other.status = 410;
    const gone = await add(tenant, { url: `${other.url}/gone` });
    await tenant.addClient();
    await eventually(async () => {
      expect(await tenant.admin.get(`${PATH}/${gone.id}`)).toMatchObject({ body: { disabledBecause: 'gone' } });
    });
  });
});

describe('an endpoint', () => {
  it('is added once for a key, read, replaced, listed and removed', async () => {
    const tenant = await openTenant();
    const body = { url: other.url, eventTypes: ['*'], description: 'Shop' };
    const headers = { 'idempotency-key': 'one' };
    const [one, two] = await Promise.all([1, 2].map(() => tenant.admin.post(PATH, body, headers)));
    expect(one?.body).toEqual(two?.body);
    const { id } = read(await tenant.admin.post(PATH, body, headers), 201, WebhookEndpointSchema);
    expect(JSON.stringify(one?.body)).not.toContain('whsec');
    const change = { ...body, status: 'disabled' };
    const changed = await tenant.admin.put(`${PATH}/${id}`, change, { 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { status: 'disabled', disabledBecause: 'asked', version: 2 } });
    problemOf(await tenant.admin.put(`${PATH}/${id}`, change, { 'if-match': '"1"' }), 412, 'version.stale');
    expect((await tenant.admin.get(PATH)).body).toMatchObject({ items: [{ id }] });
    expect((await tenant.admin.delete(`${PATH}/${id}`)).status).toBe(204);
    problemOf(await tenant.admin.get(`${PATH}/${id}`), 404, 'resource.not-found');
  });

  it.each([
    'http://example.com/hook',
    'https://10.0.0.1/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/hook',
    'https://[::ffff:192.168.1.1]/hook',
    'https://167772161/hook',
    'https://localhost/hook',
    'https://printer.local/hook',
    'https://user:password@example.com/hook',
  ])('at %s is refused', async (url) => {
    const tenant = await openTenant();
    problemOf(await tenant.admin.post(PATH, { url, eventTypes: ['*'] }), 422, 'webhook.address');
  });

  it('is refused with what is no address, no event or an unknown field', async () => {
    const { admin } = await openTenant();
    const refused = async (body: object) => pointersOf(problemOf(await admin.post(PATH, body), 400, 'request.invalid'));
    expect(await refused({ url: 'here', eventTypes: ['*'] })).toEqual(['/url']);
    expect(await refused({ url: other.url, eventTypes: [] })).toEqual(['/eventTypes']);
    expect(await refused({ url: other.url, eventTypes: ['*'], secret: 'x' })).toEqual(['/secret']);
  });

  it('is nothing to another tenant', async () => {
    const [tenant, stranger] = [await openTenant(), await openTenant()];
    const { id } = await add(tenant);
    for (const path of [`${PATH}/${id}`, `${PATH}/${id}/secret`, `${PATH}/${id}/deliveries`, `${PATH}/${ABSENT}`]) {
      problemOf(await stranger.admin.get(path), 404, 'resource.not-found');
    }
    problemOf(await stranger.admin.post(`${PATH}/${id}/rotate-secret`), 404, 'resource.not-found');
  });
});
