import { generateKeyPair, SignJWT } from 'jose';
import { routes } from '../lib/contract/index.ts';
import { allows } from '../lib/contract/permissions.ts';
import { ProblemSchema } from '../lib/contract/problems.ts';
import type { Answer } from '../local/http-client.ts';
import { problemOf, read } from './support/answers.ts';
import { api, eventually, newTenant, sharedUrls, token } from './support/client.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const at = (path: string): string => path.replaceAll(/\{\w+\}/g, ABSENT);

const claims = () => ({ sub: 'ana', tenant_id: newTenant(), role: 'admin' });

/** A token that somebody else signed; everything else about it is right. */
const forgedToken = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('RS256');
  const { identity } = sharedUrls();
  const kid = Buffer.from((await token({ tenant: newTenant() })).split('.')[0] ?? '', 'base64url').toString();
  const jwt = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: /"kid":"([^"]+)"/.exec(kid)?.[1] ?? '' });
  return jwt.setIssuer(identity).setAudience('parley').setIssuedAt().setExpirationTime('1h').sign(privateKey);
};

const unsignedToken = (): string => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { identity } = sharedUrls();
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: 'none' })}.${part({ ...claims(), iss: identity, aud: 'parley', exp })}.`;
};

const expectNoEntry = (answer: Answer): void => {
  problemOf(answer, 401, 'token.invalid');
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
};

describe('without a valid token', () => {
  const guarded = routes.filter(({ permission }) => permission !== null);

  it.each(guarded.map(({ method, path }) => [method, path] as const))('nobody gets to %s %s', async (method, path) => {
    const response = await fetch(`${sharedUrls().api}${at(path)}`, { method });
    const { status, headers } = response;
    expectNoEntry({ status, headers, body: await response.json() });
  });

  it.each([
    ['nonsense', () => 'nonsense'],
    ["another's signature", forgedToken],
    ['no signature', unsignedToken],
    ['a changed payload', async () => (await token({ tenant: newTenant() })).replace(/\.[^.]+\./, '.e30.')],
  ])('nobody gets in with a token of %s', async (_, make) => {
    expectNoEntry(await api(await make()).get('/crm/clients'));
  });

  it('nobody gets in with one of another scheme', async () => {
    expectNoEntry(await api().get('/crm/clients', { authorization: `Basic ${await token({ tenant: newTenant() })}` }));
  });

  it('nobody stays in with one that has run out', async () => {
    const brief = api(await token({ tenant: newTenant(), expires_in: '1' }));
    await eventually(async () => {
      expect(problemOf(await brief.get('/crm/clients'), 401, 'token.invalid').detail).toMatch(/expired/);
    });
  });
});

describe('a role', () => {
  const lacking = (['manager', 'agent'] as const).flatMap((role) =>
    routes.flatMap(({ method, path, permission }) =>
      permission === null || allows(role, permission) ? [] : [[role, method, path, permission] as const],
    ),
  );

  it.each(lacking)('%s may not %s %s, for lack of %s', async (role, method, path, permission) => {
    const authorization = `Bearer ${await token({ tenant: newTenant(), role })}`;
    const response = await fetch(`${sharedUrls().api}${at(path)}`, { method, headers: { authorization } });
    const { status, headers } = response;
    const problem = problemOf({ status, headers, body: await response.json() }, 403, 'permission.missing');
    expect(problem.permission).toBe(permission);
    expect(problem.detail).toContain(permission);
  });

  it('agent may read, create and update clients, chats and messages, and read channels', async () => {
    const tenant = await openTenant();
    const agent = await tenant.as('agent');
    const channel = await tenant.connectTelegram();
    await tenant.receive(channel, { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const answers = await Promise.all([
      agent.get('/crm/clients'),
      agent.put(`/crm/clients/${id}`, { firstName: 'Olim' }),
      agent.post(`/crm/clients/${id}/contacts`, { type: 'other', value: 'A' }),
      agent.get('/crm/chats'),
      agent.post('/crm/chats', { clientId: id }),
      agent.put(`/crm/chats/${id}/read`),
      agent.get(`/crm/chats/${id}/messages`),
      agent.get('/crm/channels'),
      agent.get(`/crm/channels/${channel.id}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 200, 200, 200, 200, 200, 200]);
    expect((await agent.post('/crm/clients', { firstName: 'New' })).status).toBe(201);
    expect((await agent.post(`/crm/chats/${id}/messages`, { text: 'Hi' })).status).toBe(202);
  });

  it('manager may delete and restore clients and read the audit log', async () => {
    const tenant = await openTenant();
    const manager = await tenant.as('manager');
    const { id } = await tenant.addClient();
    expect((await manager.delete(`/crm/clients/${id}`)).status).toBe(204);
    expect((await manager.post(`/crm/clients/${id}/restore`)).status).toBe(200);
    expect((await manager.get('/crm/audit')).status).toBe(200);
  });
});

describe("another tenant's id", () => {
  /** What a refusal tells, without what is the request's own. */
  const told = (answer: Answer) => {
    const { instance, requestId, ...rest } = read(answer, 404, ProblemSchema);
    expect(instance).not.toBe(requestId);
    return rest;
  };

  it.each([
    ['GET', '/crm/clients/{id}', undefined],
    ['PUT', '/crm/clients/{id}', { firstName: 'Olim' }],
    ['DELETE', '/crm/clients/{id}', undefined],
    ['GET', '/crm/clients/{id}/contacts', undefined],
    ['POST', '/crm/clients/{id}/contacts', { type: 'other', value: 'A' }],
    ['GET', '/crm/chats/{id}', undefined],
    ['POST', '/crm/chats', { clientId: '{id}' }],
    ['GET', '/crm/chats/{id}/messages', undefined],
    ['POST', '/crm/chats/{id}/messages', { text: 'Hi', transport: 'sms' }],
    ['GET', '/crm/chats/{id}/members', undefined],
    ['PUT', '/crm/chats/{id}/read', {}],
    ['PUT', '/crm/chats/{id}', {}],
  ])('is answered on %s %s as one that never was and as a deleted one', async (method, path, body) => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const [mine, theirs] = await Promise.all([tenant.addClient(), other.addClient()]);
    await tenant.admin.delete(`/crm/clients/${mine.id}`);
    const authorization = `Bearer ${await token({ tenant: tenant.id })}`;
    const ask = async (id: string) => {
      const response = await fetch(`${sharedUrls().api}${path.replace('{id}', id)}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body).replace('{id}', id) }),
      });
      return told({ status: response.status, headers: response.headers, body: await response.json() });
    };
    const [deleted, foreign, absent] = await Promise.all([ask(mine.id), ask(theirs.id), ask(ABSENT)]);
    expect(foreign).toEqual(absent);
    expect(deleted).toEqual(absent);
  });

  it('of a message or a channel is as one that never was', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const channel = await other.connectTelegram();
    await other.receive(channel, { from: newTelegramUser(), text: 'Hello' });
    const { id, messages } = await other.onlyChat();
    const message = messages[0]?.id ?? '';
    for (const path of [`/crm/chats/${id}/messages/${message}`, `/crm/channels/${channel.id}`]) {
      const absent = path.replaceAll(/[0-9a-f-]{36}/g, ABSENT);
      expect(told(await tenant.admin.get(path))).toEqual(told(await tenant.admin.get(absent)));
    }
    const path = `/crm/chats/${id}/messages/${message}`;
    problemOf(await tenant.admin.put(`${path}/read`), 404, 'resource.not-found');
    problemOf(await tenant.admin.post(`${path}/resend`), 404, 'resource.not-found');
    problemOf(await tenant.admin.delete(`/crm/channels/${channel.id}`), 404, 'resource.not-found');
    problemOf(await tenant.admin.put(`/crm/channels/${channel.id}`, { status: 'disabled' }), 404, 'resource.not-found');
  });
});
