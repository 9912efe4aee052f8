import { TemplateSchema, type Template } from '../lib/contract/templates.ts';
import { pageOf } from '../lib/contract/route.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf } from './support/events.ts';
import { newPhone, unique } from './support/random.ts';
import { openTenant, readAll, type Tenant } from './support/tenant.ts';

const PATH = '/crm/instant-messages';
const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const TemplatesSchema = pageOf(TemplateSchema);

const add = async ({ admin }: Tenant, template: string): Promise<Template> =>
  read(await admin.post(PATH, { template }), 201, TemplateSchema);

const textsOf = async ({ admin }: Tenant, query = ''): Promise<string[]> =>
  read(await admin.get(`${PATH}${query}`), 200, TemplatesSchema).items.map(({ template }) => template);

describe('a template', () => {
  it('is added, read, replaced and removed', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const made = await admin.post(PATH, { template: ' Salom! \n' });
    const template = read(made, 201, TemplateSchema);
    expect(template).toMatchObject({ template: ' Salom! \n', version: 1 });
    const path = `${PATH}/${template.id}`;
    expect(made.headers.get('location')).toBe(path);
    const shown = await admin.get(path);
    expect(read(shown, 200, TemplateSchema)).toEqual(template);
    expect(shown.headers.get('etag')).toBe('"1"');

    const changed = read(await admin.put(path, { template: 'Hello!' }, { 'if-match': '"1"' }), 200, TemplateSchema);
    expect(changed).toMatchObject({ id: template.id, template: 'Hello!', version: 2, createdAt: template.createdAt });
    problemOf(await admin.put(path, { template: 'Late' }, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await admin.delete(path, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(read(await admin.get(path), 200, TemplateSchema)).toEqual(changed);

    expect((await admin.delete(path, { 'if-match': '"2"' })).status).toBe(204);
    for (const answer of [await admin.get(path), await admin.put(path, { template: 'A' }), await admin.delete(path)]) {
      problemOf(answer, 404, 'resource.not-found');
    }
    expect(await textsOf(tenant)).toEqual([]);
  });

  it('is announced with each change, as it is and as it was', async () => {
    const tenant = await openTenant();
    const template = await add(tenant, 'Salom');
    const path = `${PATH}/${template.id}`;
    const changed = read(await tenant.admin.put(path, { template: 'Hello' }), 200, TemplateSchema);
    await tenant.admin.delete(path);
    const subject = { type: 'template', id: template.id };
    expect(await eventOf(tenant.id, 'TemplateCreated')).toMatchObject({ subject, data: template });
    const updated = await eventOf(tenant.id, 'TemplateUpdated');
    expect(updated).toMatchObject({ subject, data: changed, previous: { template: 'Salom', version: 1 } });
    expect(await eventOf(tenant.id, 'TemplateDeleted')).toMatchObject({ subject, data: changed });
  });

  it('is added once for the same Idempotency-Key', async () => {
    const tenant = await openTenant();
    const headers = { 'idempotency-key': unique('key') };
    const answers = await Promise.all([1, 2, 3].map(() => tenant.admin.post(PATH, { template: 'Salom' }, headers)));
    expect(new Set(answers.map((answer) => read(answer, 201, TemplateSchema).id)).size).toBe(1);
    expect(await textsOf(tenant)).toEqual(['Salom']);
  });

  it('that two replace at once is replaced by one of those who say which version they read', async () => {
    const tenant = await openTenant();
    const { id } = await add(tenant, 'Salom');
    const headers = { 'if-match': '"1"' };
    const answers = await Promise.all(
      ['One', 'Other'].map((template) => tenant.admin.put(`${PATH}/${id}`, { template }, headers)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect(read(await tenant.admin.get(`${PATH}/${id}`), 200, TemplateSchema).version).toBe(2);
  });

  it.each([
    [{}, '/template'],
    [{ template: '' }, '/template'],
    [{ template: ' \n ' }, '/template'],
    [{ template: 'x'.repeat(4097) }, '/template'],
    [{ template: 7 }, '/template'],
    [{ template: 'Salom', name: 'greeting' }, '/name'],
  ])('is refused as %j', async (body, pointer) => {
    const tenant = await openTenant();
    const { id } = await add(tenant, 'x'.repeat(4096));
    for (const answer of [await tenant.admin.post(PATH, body), await tenant.admin.put(`${PATH}/${id}`, body)]) {
      expect(new Set(pointersOf(problemOf(answer, 400, 'request.invalid')))).toEqual(new Set([pointer]));
    }
    expect(await textsOf(tenant)).toEqual(['x'.repeat(4096)]);
  });

  it('of another tenant is as one that never was', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await add(other, 'Salom');
    for (const template of [id, ABSENT, 'nonsense']) {
      const path = `${PATH}/${template}`;
      problemOf(await tenant.admin.get(path), 404, 'resource.not-found');
      problemOf(await tenant.admin.put(path, { template: 'Mine' }), 404, 'resource.not-found');
      problemOf(await tenant.admin.delete(path), 404, 'resource.not-found');
    }
    expect(await textsOf(tenant)).toEqual([]);
    expect(await textsOf(other)).toEqual(['Salom']);
  });

  it('is read by agents, and managed by managers and admins', async () => {
    const tenant = await openTenant();
    const [agent, manager] = await Promise.all([tenant.as('agent'), tenant.as('manager')]);
    const { id } = read(await manager.post(PATH, { template: 'Salom' }), 201, TemplateSchema);
    read(await agent.get(`${PATH}/${id}`), 200, TemplateSchema);
    expect(read(await agent.get(PATH), 200, TemplatesSchema).items).toHaveLength(1);
    const refused = [
      await agent.post(PATH, { template: 'Mine' }),
      await agent.put(`${PATH}/${id}`, { template: 'Mine' }),
      await agent.delete(`${PATH}/${id}`),
    ];
    for (const answer of refused) {
      expect(problemOf(answer, 403, 'permission.missing').permission).toBe('Template.Manage');
    }
    expect((await manager.delete(`${PATH}/${id}`)).status).toBe(204);
  });
});

describe('templates', () => {
  it('are listed newest first, page after page', async () => {
    const tenant = await openTenant();
    for (const text of ['One', 'Two', 'Three']) await add(tenant, text);
    const { items, pages } = await readAll(tenant.admin, `${PATH}?limit=2`, TemplateSchema);
    expect(items.map(({ template }) => template)).toEqual(['Three', 'Two', 'One']);
    expect(pages[0]).toBe(2);
  });

  it('are found by all of the words in them, whatever their case, accents and alphabet', async () => {
    const tenant = await openTenant();
    for (const text of ['Café is OPEN from 9', 'We are closed', 'Ish vaqti: 9–18']) await add(tenant, text);
    expect(await textsOf(tenant, '?q=cafe')).toEqual(['Café is OPEN from 9']);
    expect(await textsOf(tenant, '?q=OPEN%20CAFÉ')).toEqual(['Café is OPEN from 9']);
    expect(await textsOf(tenant, '?q=9')).toEqual(['Ish vaqti: 9–18', 'Café is OPEN from 9']);
    expect(await textsOf(tenant, `?q=${encodeURIComponent('вақти')}`)).toEqual(['Ish vaqti: 9–18']);
    expect(await textsOf(tenant, '?q=cafe%20closed')).toEqual([]);
    await tenant.admin.put(`${PATH}/${(await add(tenant, 'Old')).id}`, { template: 'New' });
    expect(await textsOf(tenant, '?q=old')).toEqual([]);
    expect(await textsOf(tenant, '?q=new')).toEqual(['New']);
  });

  it('are found by words that are spelled in two ways, and by what is no word', async () => {
    const tenant = await openTenant();
    for (const text of ['Мы ещё открыты', 'Salom 😀']) await add(tenant, text);
    for (const [q, found] of [
      ['еще', 'Мы ещё открыты'],
      ['😀', 'Salom 😀'],
    ] as const) {
      expect(await textsOf(tenant, `?q=${encodeURIComponent(q)}`)).toEqual([found]);
    }
  });

  it('are all found, however short the pages', async () => {
    const tenant = await openTenant();
    for (let index = 0; index < 7; index += 1) await add(tenant, index % 3 === 0 ? `Yes ${index}` : `No ${index}`);
    const { items } = await readAll(tenant.admin, `${PATH}?limit=2&q=yes`, TemplateSchema);
    expect(items.map(({ template }) => template)).toEqual(['Yes 6', 'Yes 3', 'Yes 0']);
  });

  it('have cursors of their own', async () => {
    const tenant = await openTenant();
    for (const text of ['One', 'Two']) await add(tenant, text);
    const { nextCursor } = read(await tenant.admin.get(`${PATH}?limit=1`), 200, TemplatesSchema);
    problemOf(await tenant.admin.get(`${PATH}?q=one&cursor=${nextCursor ?? ''}`), 400, 'cursor.invalid');
    problemOf(await tenant.admin.get(`${PATH}?cursor=nonsense`), 400, 'cursor.invalid');
  });
});

describe('a message from a template', () => {
  const withClient = async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' });
    return { tenant, id, path: `/crm/chats/${id}/messages` };
  };

  it('has the text that the template had then', async () => {
    const { tenant, id } = await withClient();
    const template = await add(tenant, 'We are {{open}}');
    const message = await tenant.send(id, { templateId: template.id });
    expect(message).toMatchObject({ text: 'We are {{open}}', templateId: template.id });
    await tenant.admin.put(`${PATH}/${template.id}`, { template: 'We are closed' });
    await tenant.admin.delete(`${PATH}/${template.id}`);
    const delivered = await tenant.becomes(message, 'delivered');
    expect(delivered).toMatchObject({ text: 'We are {{open}}', templateId: template.id });
    expect(first((await tenant.chat(id)).messages)).toMatchObject({ text: 'We are {{open}}' });
  });

  it('keeps its template when it is sent again', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: '+15005550001', preferredTransport: 'sms' });
    const { id: templateId } = await add(tenant, 'Salom');
    const failed = await tenant.becomes(await tenant.send(id, { templateId }), 'failed');
    await tenant.admin.delete(`${PATH}/${templateId}`);
    const again = await tenant.admin.post(`/crm/chats/${id}/messages/${failed.id}/resend`);
    expect(again).toMatchObject({ status: 202, body: { text: 'Salom', templateId, resendOf: failed.id } });
  });

  it('can be sent by an agent', async () => {
    const { tenant, path } = await withClient();
    const { id } = await add(tenant, 'Salom');
    expect((await (await tenant.as('agent')).post(path, { templateId: id })).status).toBe(202);
  });

  it('is refused when there is no such template', async () => {
    const { tenant, id, path } = await withClient();
    const foreign = await add(await openTenant(), 'Salom');
    for (const templateId of [ABSENT, foreign.id]) {
      problemOf(await tenant.admin.post(path, { templateId }), 422, 'template.not-found');
    }
    problemOf(
      await tenant.admin.post(`/crm/chats/${ABSENT}/messages`, { templateId: ABSENT }),
      404,
      'resource.not-found',
    );
    expect((await tenant.chat(id)).messages).toEqual([]);
  });

  it('is held against the limits of its provider', async () => {
    const { tenant, path } = await withClient();
    const { id } = await add(tenant, 'x'.repeat(1601));
    problemOf(await tenant.admin.post(path, { templateId: id }), 422, 'message.limit');
  });

  it.each([
    [{ templateId: ABSENT, text: 'Salom' }, '/templateId'],
    [{ templateId: 'nonsense' }, '/templateId'],
    [{ templateId: null }, '/templateId'],
  ])('is refused as %j', async (body, pointer) => {
    const { tenant, path } = await withClient();
    expect(pointersOf(problemOf(await tenant.admin.post(path, body), 400, 'request.invalid'))).toEqual([pointer]);
  });
});
