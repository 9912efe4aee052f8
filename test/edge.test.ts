import { routes } from '../lib/contract/index.ts';
import { DetailedHealthSchema } from '../lib/contract/health.ts';
import { keepDeadLetter } from '../lib/table/dead-letters.ts';
import { problemOf, read } from './support/answers.ts';
import { api, eventually, sharedUrls } from './support/client.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';
import { postForm } from './support/webhooks.ts';

/** One request as a browser sends it. */
const browse = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sharedUrls().api}${path}`, { method, headers });

const CONSOLE = 'https://console.example';
const STRANGER = 'https://evil.example';

describe('an address that leads nowhere', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/crm'],
    ['GET', '/crm/nothing'],
    ['POST', '/crm/clients/x/y/z'],
    ['GET', '/docs/passwd'],
    ['GET', '/.env'],
  ])('is a problem: %s %s', async (method, path) => {
    const response = await browse(method, path);
    const { status, headers } = response;
    problemOf({ status, headers, body: await response.json() }, 404, 'route.not-found');
  });

  it.each([
    ['PATCH', '/crm/clients'],
    ['DELETE', '/crm/clients'],
    ['POST', '/health'],
    ['GET', '/crm/webhooks/twilio'],
    ['PUT', '/tg/webhook'],
  ])('is a problem too where only the method is wrong: %s %s', async (method, path) => {
    const response = await browse(method, path);
    const { status, headers } = response;
    const { detail } = problemOf({ status, headers, body: await response.json() }, 404, 'route.not-found');
    expect(detail).toContain(`${method} ${path}`);
  });

  it('does not say what is in its query', async () => {
    const response = await browse('GET', '/nothing?access_token=secret');
    expect(await response.text()).not.toContain('secret');
  });

  it('is an id of no valid form', async () => {
    const { admin } = await openTenant();
    for (const id of ['1', 'undefined', '%23', '01939b5c-7f3e-7c44-9a52', '../channels']) {
      problemOf(await admin.get(`/crm/clients/${encodeURIComponent(id)}`), 404, 'resource.not-found');
    }
  });
});

describe('every answer has security headers', () => {
  it.each([
    ['a success', () => openTenant().then(({ admin }) => admin.get('/crm/clients')), 200],
    ['an error', () => openTenant().then(({ admin }) => admin.post('/crm/clients', {})), 400],
    ['a refusal', () => api().get('/crm/clients'), 401],
    ['an unknown address', () => api().get('/nothing'), 404],
    ['health', () => api().get('/health'), 200],
    ['the contract', () => api().get('/openapi.json'), 200],
    ['the documentation', () => api().get('/docs'), 200],
    ['a refused webhook', () => postForm(`${sharedUrls().api}/crm/webhooks/twilio`, {}), 401],
  ])('%s', async (_, ask, status) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
    expect(answer.headers.get('x-request-id')).not.toBeNull();
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });
});

describe('what callers may read of others stays out of caches', () => {
  it('on success and on error', async () => {
    const { admin } = await openTenant();
    for (const path of ['/crm/clients', '/crm/clients?limit=0']) {
      expect((await admin.get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('a page of another origin', () => {
  const wanted = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,content-type,idempotency-key,if-match,x-request-id',
  };

  it.each(['/crm/clients', '/crm/clients/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10', '/crm/settings', '/api/customers'])(
    'that is listed may ask for %s with all that the contract needs',
    async (path) => {
      const response = await browse('OPTIONS', path, { origin: CONSOLE, ...wanted });
      expect(response.ok).toBe(true);
      expect(response.headers.get('access-control-allow-origin')).toBe(CONSOLE);
      const methods = response.headers.get('access-control-allow-methods')?.split(/, ?/) ?? [];
      expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']));
      const headers = response.headers.get('access-control-allow-headers')?.toLowerCase().split(/, ?/) ?? [];
      expect(headers).toEqual(expect.arrayContaining(wanted['access-control-request-headers'].split(',')));
      expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0);
    },
  );

  it('that is listed reads answers and errors, with the headers it needs', async () => {
    const { admin } = await openTenant();
    for (const origin of [CONSOLE, 'https://other-console.example']) {
      const answers = [await admin.get('/crm/clients', { origin }), await api().get('/crm/clients', { origin })];
      for (const { headers } of answers) {
        expect(headers.get('access-control-allow-origin')).toBe(origin);
        expect(headers.get('vary')?.toLowerCase()).toContain('origin');
        const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/) ?? [];
        expect(exposed).toEqual(expect.arrayContaining(['etag', 'location', 'x-request-id', 'retry-after']));
      }
    }
  });

  it('that is not listed is not let in, neither by a preflight nor by an answer', async () => {
    const { admin } = await openTenant();
    const responses = [
      await browse('OPTIONS', '/crm/clients', { origin: STRANGER, ...wanted }),
      await admin.get('/crm/clients', { origin: STRANGER }),
      await api().get('/crm/clients', { origin: STRANGER }),
      await api().get('/nothing', { origin: STRANGER }),
    ];
    for (const { headers } of responses) {
      expect([STRANGER, '*']).not.toContain(headers.get('access-control-allow-origin'));
    }
  });
});

describe('health', () => {
  it.each(['/health', '/health/live', '/health/ready'])('%s answers whoever asks', async (path) => {
    const answer = await api().get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'ok' });
  });

  it('in detail says what works, and nothing that a stranger may not know', async () => {
    const answer = await api().get('/health/detailed');
    expect(answer.status).toBe(200);
    const ok = { status: 'ok' };
    expect(answer.body).toMatchObject({
      checks: { table: ok, outboundTwilio: ok, outboundTelegram: ok, inbound: ok, jobs: ok, bus: ok },
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/https?:|arn:|parley|\d+\.\d+\.\d+/);
  });
});

describe('what the job of each minute tells of health', () => {
  it('is how far the stream is, what waits, what is dead and what fails, without a number of anything', async () => {
    const tenant = await openTenant();
    await keepDeadLetter(tenant.id, {
      source: 'queue',
      origin: 'audit',
      reason: 'a test',
      payload: tenant.id,
      receivedAt: new Date().toISOString(),
    });
    await eventually(async () => {
      const { checks } = read(await api().get('/health/detailed'), 200, DetailedHealthSchema);
      expect(checks).toMatchObject({ schedule: { status: 'ok' }, stream: { status: 'ok' } });
      expect(checks.deadLetters?.status).toBe('degraded');
      expect(['few', 'some', 'many']).toContain(checks.deadLetters?.count);
      expect(checks.oldestQueued?.ageSeconds).toBeGreaterThanOrEqual(0);
      expect(checks.channels?.count).toBeDefined();
    }, 20_000);
  });
});

describe('every route', () => {
  it('with a result that carries a version has its ETag', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTelegram();
    await tenant.receive(channel, { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const ids = { clientId: id, chatId: id, channelId: channel.id };
    const versioned = routes.filter(({ method, result }) => method === 'GET' && 'shape' in result);
    let seen = 0;
    for (const { path, permission } of versioned) {
      if (permission === null) continue;
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => new Map(Object.entries(ids)).get(String(name)) ?? id);
      const { body, headers } = await tenant.admin.get(filled);
      if (typeof body !== 'object' || body === null || !('version' in body)) continue;
      expect(headers.get('etag')).toBe(`"${String(body.version)}"`);
      seen += 1;
    }
    expect(seen).toBeGreaterThanOrEqual(4);
  });
});
