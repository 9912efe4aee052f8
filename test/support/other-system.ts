import { once } from 'node:events';
import * as z from 'zod';
import { readBody, startServer, type LocalServer } from '../../local/http-server.ts';
import {
  WebhookDeliverySchema,
  WebhookEndpointSchema,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '../../lib/contract/webhook-endpoints.ts';
import { pageOf } from '../../lib/contract/route.ts';
import { read } from './answers.ts';
import { newAct } from './builders.ts';
import { eventually } from './client.ts';
import type { Tenant } from './tenant.ts';

export const HOOKS = '/crm/webhook-endpoints';

interface Told {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Another system: takes what it is told, or answers what it is told to. */
export class OtherSystem {
  readonly told: Told[] = [];
  status = 204;
  retryAfter: string | undefined;
  #server: LocalServer | undefined;

  async start(): Promise<void> {
    this.#server = await startServer(0, async (request, response) => {
      const body = (await readBody(request)).toString();
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      this.told.push({ headers: z.record(z.string(), z.string()).parse(Object.fromEntries(headers)), body });
      // Never answered: who asks has to give up.
      if (request.url === '/slow') return;
      const location = 'http://127.0.0.1:1/elsewhere';
      const asked = this.retryAfter === undefined ? {} : { 'retry-after': this.retryAfter };
      response.writeHead(this.status, { location, ...asked }).end('x'.repeat(100_000));
      await once(response, 'close');
    });
  }

  get url(): string {
    return `${this.#server?.url}/hook`;
  }

  /** What it was told first. */
  first(): Promise<Told> {
    return eventually(() => {
      const [told] = this.told;
      if (told === undefined) throw new Error('Nothing was told.');
      return told;
    }, 20_000);
  }

  stop(): Promise<void> {
    return this.#server?.stop() ?? Promise.resolve();
  }
}

/** Has a tenant's new clients told to another system, unless more is said. */
export const addEndpoint = async (tenant: Tenant, url: string, more: object = {}): Promise<WebhookEndpoint> =>
  read(await tenant.admin.post(HOOKS, { url, eventTypes: ['ClientCreated'], ...more }), 201, WebhookEndpointSchema);

export const deliveriesOf = async (tenant: Tenant, { id }: WebhookEndpoint, query = ''): Promise<WebhookDelivery[]> =>
  read(await tenant.admin.get(`${HOOKS}/${id}/deliveries${query}`), 200, pageOf(WebhookDeliverySchema)).items;

export const secretOf = async (tenant: Tenant, { id }: WebhookEndpoint) =>
  read(
    await tenant.admin.get(`${HOOKS}/${id}/secret`),
    200,
    z.object({ secret: z.string(), former: z.array(z.object({ secret: z.string(), until: z.string() })) }),
  );

/** All deliveries of an endpoint, once so many of them stand so, tried or not. */
export const becomeSo = (
  tenant: Tenant,
  endpoint: WebhookEndpoint,
  state: WebhookDelivery['state'],
  { count = 1, tried = true } = {},
): Promise<WebhookDelivery[]> =>
  eventually(async () => {
    const deliveries = await deliveriesOf(tenant, endpoint, `?state=${state}`);
    const so = deliveries.filter(({ attempts }) => !tried || attempts.length > 0);
    expect(so).toHaveLength(count);
    return so;
  }, 20_000);

/** The system's own act, so many seconds later. */
export const actIn = (tenant: Tenant, seconds: number) =>
  newAct({ tenant: tenant.id, now: () => new Date(Date.now() + seconds * 1000) });
