import { ClientSchema } from '../lib/contract/clients.ts';
import { call } from '../local/http-client.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { api, sharedUrls } from './support/client.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { ClientsSchema, openTenant, type Tenant } from './support/tenant.ts';

const json = { 'content-type': 'application/json' };

describe('a refusal', () => {
  it('is a problem that says what, where and in which request', async () => {
    const { admin } = await openTenant();
    const answer = await admin.post('/crm/clients?x=1', { firstName: '' }, { 'x-request-id': 'my-request-1' });
    expect(answer.body).toEqual({
      type: 'urn:parley:problem:request.invalid',
      title: 'The request is not valid',
      status: 400,
      detail: 'The query is not valid: see errors.',
      instance: '/crm/clients',
      code: 'request.invalid',
      requestId: 'my-request-1',
      errors: [{ pointer: '/x', detail: 'is not a known field' }],
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('names every unknown field by its own pointer', async () => {
    const { admin } = await openTenant();
    const body = { firstName: 'Olim', 'a/b': 1, 'c~d': 2, contacts: [{ type: 'other', value: 'A', id: 'x' }] };
    const problem = problemOf(await admin.post('/crm/clients', body), 400, 'request.invalid');
    expect(pointersOf(problem).toSorted()).toEqual(['/a~1b', '/contacts/0/id', '/c~0d']);
  });
});

describe('a body', () => {
  it.each(['{"firstName":', 'firstName=Olim', '{"firstName":"Olim"}}', "{'firstName':'Olim'}"])(
    'that is not JSON is refused: %s',
    async (body) => {
      const { admin } = await openTenant();
      problemOf(await admin.post('/crm/clients', body, json), 400, 'request.malformed');
    },
  );

  it.each(['[]', 'null', '7'])('that is no object is refused: %s', async (body) => {
    const { admin } = await openTenant();
    problemOf(await admin.post('/crm/clients', body, json), 400, 'request.invalid');
  });

  it('has to be there where one is asked for', async () => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/clients'), 400, 'request.invalid'))).toEqual(['']);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
    'of type %s is not read',
    async (type) => {
      const { admin } = await openTenant();
      const answer = await admin.post('/crm/clients', '{"firstName":"Olim"}', { 'content-type': type });
      problemOf(answer, 415, 'request.media-type');
    },
  );

  it('of a JSON type with parameters is read', async () => {
    const { admin } = await openTenant();
    for (const type of ['application/json; charset=utf-8', 'application/merge-patch+json']) {
      const answer = await admin.post('/crm/clients', '{"firstName":"Олим"}', { 'content-type': type });
      expect(read(answer, 201, ClientSchema).firstName).toBe('Олим');
    }
  });

  it('over 1 MB is refused, also in multi-byte letters and on webhooks', async () => {
    const { admin } = await openTenant();
    const limit = 1024 * 1024;
    const padded = (size: number, letter = 'a') =>
      JSON.stringify({ firstName: 'Olim', comments: letter.repeat(Math.ceil(size / Buffer.byteLength(letter))) });
    problemOf(await admin.post('/crm/clients', padded(limit)), 413, 'request.too-large');
    problemOf(await admin.post('/crm/clients', padded(limit, 'ж')), 413, 'request.too-large');
    problemOf(await admin.post('/crm/clients', padded(8 * limit)), 413, 'request.too-large');
    problemOf(await api().post('/tg/webhook', padded(limit)), 413, 'request.too-large');
    // Below the limit it is read, and refused for what is in it.
    const problem = problemOf(await admin.post('/crm/clients', padded(limit - 200)), 400, 'request.invalid');
    expect(pointersOf(problem)).toEqual(['/comments']);
  });
});

describe('a list', () => {
  const lists = ['/crm/clients', '/crm/chats', '/crm/channels', '/crm/audit'];

  it.each(lists.flatMap((path) => ['0', '101', '-1', '1.5', 'ten', ''].map((limit) => [path, limit] as const)))(
    '%s refuses the limit "%s"',
    async (path, limit) => {
      const { admin } = await openTenant();
      const problem = problemOf(await admin.get(`${path}?limit=${limit}`), 400, 'request.invalid');
      expect(pointersOf(problem)).toEqual(['/limit']);
    },
  );

  it.each(lists)('%s refuses unknown parameters and cursors that are none', async (path) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.get(`${path}?page=2`), 400, 'request.invalid'))).toEqual(['/page']);
    for (const cursor of ['nonsense', 'e30', 'a.b.c.d.e', btoa('{"pk":"T#demo#CLIENTS"}')]) {
      problemOf(await admin.get(`${path}?cursor=${encodeURIComponent(cursor)}`), 400, 'cursor.invalid');
    }
  });

  it('takes limits of 1 and 100', async () => {
    const { admin } = await openTenant();
    for (const limit of [1, 100]) read(await admin.get(`/crm/clients?limit=${limit}`), 200, ClientsSchema);
  });

  const cursorOf = async ({ admin }: Tenant, path: string): Promise<string> => {
    const { nextCursor } = read(await admin.get(path), 200, ClientsSchema);
    return encodeURIComponent(nextCursor ?? '');
  };

  it("refuses another tenant's cursor, another list's and a changed one", async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    await Promise.all([tenant.addClient(), tenant.addClient(), other.addClient(), other.addClient()]);
    const cursor = await cursorOf(tenant, '/crm/clients?limit=1');
    read(await tenant.admin.get(`/crm/clients?cursor=${cursor}`), 200, ClientsSchema);
    problemOf(await other.admin.get(`/crm/clients?cursor=${cursor}`), 400, 'cursor.invalid');
    problemOf(await tenant.admin.get(`/crm/clients?sort=name&cursor=${cursor}`), 400, 'cursor.invalid');
    problemOf(await tenant.admin.get(`/crm/chats?cursor=${cursor}`), 400, 'cursor.invalid');
    const middle = Math.floor(cursor.length / 2);
    const changed = `${cursor.slice(0, middle)}${cursor[middle] === 'A' ? 'B' : 'A'}${cursor.slice(middle + 1)}`;
    problemOf(await tenant.admin.get(`/crm/clients?cursor=${changed}`), 400, 'cursor.invalid');
  });

  it('tells nothing in its cursor', async () => {
    const tenant = await openTenant();
    await Promise.all([tenant.addClient(), tenant.addClient()]);
    const cursor = await cursorOf(tenant, '/crm/clients?limit=1');
    const parts = decodeURIComponent(cursor).split('.');
    const text = parts.map((part) => Buffer.from(part, 'base64url').toString('latin1')).join('');
    expect(text).not.toContain(tenant.id);
    expect(text).not.toContain('CLIENT');
  });
});

describe('an X-Request-Id', () => {
  it('is returned as it came, and made where there is none or it is no plain word', async () => {
    const { admin } = await openTenant();
    const idOf = async (headers: Record<string, string>) =>
      (await admin.get('/crm/clients', headers)).headers.get('x-request-id');
    expect(await idOf({ 'x-request-id': 'trace:1.2_3-4' })).toBe('trace:1.2_3-4');
    expect(await idOf({})).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf({ 'x-request-id': 'two words' })).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf({ 'x-request-id': 'x'.repeat(129) })).toMatch(/^[0-9a-f-]{36}$/);
    const open = await call('GET', `${sharedUrls().api}/health`, { headers: { 'x-request-id': 'probe-1' } });
    expect(open.headers.get('x-request-id')).toBe('probe-1');
  });

  it('is the correlation id of the message that was sent with it', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTelegram();
    await tenant.receive(channel, { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const path = `/crm/chats/${id}/messages`;
    const answer = await tenant.admin.post(path, { text: 'Hi' }, { 'x-request-id': 'order-4711' });
    expect(answer.body).toMatchObject({ correlationId: 'order-4711' });
  });

  it('says in the problem which request was refused', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    await tenant.addClient({ phone });
    const body = { firstName: 'Olim', phone };
    const answer = await tenant.admin.post('/crm/clients', body, { 'x-request-id': 'import-7' });
    expect(problemOf(answer, 409, 'contact.duplicate').requestId).toBe('import-7');
  });
});
