import { InteractionSchema } from '../lib/contract/interactions.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf } from './support/events.ts';
import { ABSENT, merged } from './support/merging.ts';
import { unique } from './support/random.ts';
import { openTenant, readAll } from './support/tenant.ts';
import { addInteraction, FAR_OFF, LONG_AGO, subjectsOf, withInteractions } from './support/interactions.ts';

describe('an interaction', () => {
  it('is planned, read and replaced', async () => {
    const { tenant, clientId, path } = await withInteractions();
    const { admin } = tenant;
    const made = await admin.post(path, { type: 'call', subject: ' Call back ', scheduledAt: FAR_OFF });
    const planned = read(made, 201, InteractionSchema);
    expect(planned).toMatchObject({
      clientId,
      type: 'call',
      subject: 'Call back',
      description: null,
      status: 'planned',
      scheduledAt: FAR_OFF,
      completedAt: null,
      outcome: null,
      durationMinutes: null,
      userId: 'ana',
      version: 1,
    });
    const at = `${path}/${planned.id}`;
    expect(made.headers.get('location')).toBe(at);
    expect(read(await admin.get(at), 200, InteractionSchema)).toEqual(planned);

    const headers = { 'if-match': '"1"' };
    const body = { subject: 'Call at once', scheduledAt: LONG_AGO, userId: 'boris' };
    const replaced = read(await admin.put(at, body, headers), 200, InteractionSchema);
    expect(replaced).toMatchObject({ ...body, id: planned.id, type: 'other', status: 'overdue', version: 2 });
    problemOf(await admin.put(at, body, headers), 412, 'version.stale');
    expect(read(await admin.put(at, { subject: 'Talked' }), 200, InteractionSchema)).toMatchObject({
      status: 'logged',
      userId: 'boris',
    });
  });

  it('is found under the second address as well', async () => {
    const { tenant, clientId, path } = await withInteractions();
    const second = `/api/customers/${clientId}/interactions`;
    const made = await addInteraction(tenant.admin, second);
    expect(read(await tenant.admin.get(`${path}/${made.id}`), 200, InteractionSchema)).toEqual(made);
    const completed = await tenant.admin.patch(`${second}/${made.id}/complete`);
    expect(read(completed, 200, InteractionSchema).status).toBe('completed');
  });

  it.each([
    [{}, 'logged'],
    [{ scheduledAt: LONG_AGO }, 'overdue'],
    [{ scheduledAt: FAR_OFF }, 'planned'],
    [{ completedAt: LONG_AGO }, 'completed'],
    [{ scheduledAt: FAR_OFF, completedAt: LONG_AGO }, 'completed'],
  ])('with %j is %s', async (fields, status) => {
    const { tenant, path } = await withInteractions();
    expect(await addInteraction(tenant.admin, path, fields)).toMatchObject({ ...fields, status });
  });

  it.each(['call', 'email', 'meeting', 'message', 'visit', 'other'])('can be of type %s', async (type) => {
    const { tenant, path } = await withInteractions();
    expect(await addInteraction(tenant.admin, path, { type })).toMatchObject({ type });
  });

  it('is added once for the same Idempotency-Key', async () => {
    const { tenant, path } = await withInteractions();
    const headers = { 'idempotency-key': unique('key') };
    const answers = await Promise.all([1, 2, 3].map(() => tenant.admin.post(path, { subject: 'Once' }, headers)));
    expect(new Set(answers.map((answer) => read(answer, 201, InteractionSchema).id)).size).toBe(1);
    expect(await subjectsOf(tenant.admin, path)).toEqual(['Once']);
  });

  it.each([
    [{}, '/subject'],
    [{ subject: ' ' }, '/subject'],
    [{ subject: 'x'.repeat(201) }, '/subject'],
    [{ subject: 'A', type: 'fax' }, '/type'],
    [{ subject: 'A', scheduledAt: 'tomorrow' }, '/scheduledAt'],
    [{ subject: 'A', scheduledAt: '2026-01-31T09:30:00+05:00' }, '/scheduledAt'],
    [{ subject: 'A', completedAt: '2026-02-30T09:30:00.000Z' }, '/completedAt'],
    [{ subject: 'A', durationMinutes: -1 }, '/durationMinutes'],
    [{ subject: 'A', durationMinutes: 1.5 }, '/durationMinutes'],
    [{ subject: 'A', userId: '' }, '/userId'],
    [{ subject: 'A', status: 'completed' }, '/status'],
  ])('is refused as %j', async (body, pointer) => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    for (const answer of [await tenant.admin.post(path, body), await tenant.admin.put(`${path}/${id}`, body)]) {
      expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual([pointer]);
    }
    expect(await subjectsOf(tenant.admin, path)).toEqual(['Call back']);
  });

  it('of another tenant is as one that never was', async () => {
    const [tenant, other] = [await openTenant(), await withInteractions()];
    const { id } = await addInteraction(other.tenant.admin, other.path, { scheduledAt: LONG_AGO });
    problemOf(await tenant.admin.get(other.path), 404, 'resource.not-found');
    problemOf(await tenant.admin.post(other.path, { subject: 'Mine' }), 404, 'resource.not-found');
    for (const interaction of [id, ABSENT, 'nonsense']) {
      const at = `${other.path}/${interaction}`;
      problemOf(await tenant.admin.get(at), 404, 'resource.not-found');
      problemOf(await tenant.admin.put(at, { subject: 'Mine' }), 404, 'resource.not-found');
      problemOf(await tenant.admin.patch(`${at}/complete`), 404, 'resource.not-found');
    }
    expect(await subjectsOf(tenant.admin, '/crm/interactions')).toEqual([]);
    expect(await subjectsOf(other.tenant.admin, '/crm/interactions')).toEqual(['Call back']);
  });

  it('is out of reach while its client is deleted, and nothing is added', async () => {
    const { tenant, clientId, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path, { scheduledAt: LONG_AGO });
    await tenant.admin.delete(`/crm/clients/${clientId}`);
    const answers = [
      await tenant.admin.get(path),
      await tenant.admin.post(path, { subject: 'Late' }),
      await tenant.admin.get(`${path}/${id}`),
      await tenant.admin.put(`${path}/${id}`, { subject: 'Late' }),
      await tenant.admin.patch(`${path}/${id}/complete`),
    ];
    for (const answer of answers) problemOf(answer, 404, 'resource.not-found');
    await tenant.admin.post(`/crm/clients/${clientId}/restore`);
    expect(await subjectsOf(tenant.admin, path)).toEqual(['Call back']);
  });

  it('is planned, changed and completed by agents', async () => {
    const { tenant, path } = await withInteractions();
    const agent = await tenant.as('agent', 'boris');
    const { id, userId } = await addInteraction(agent, path);
    expect(userId).toBe('boris');
    expect((await agent.put(`${path}/${id}`, { subject: 'Call' })).status).toBe(200);
    expect((await agent.patch(`${path}/${id}/complete`)).status).toBe(200);
    expect(await subjectsOf(agent, path)).toEqual(['Call']);
    expect(await subjectsOf(agent, '/crm/interactions')).toEqual([]);
  });
});

describe('interactions with a client', () => {
  it('are listed newest first, page after page', async () => {
    const { tenant, path } = await withInteractions();
    for (const subject of ['One', 'Two', 'Three']) await addInteraction(tenant.admin, path, { subject });
    const { items, pages } = await readAll(tenant.admin, `${path}?limit=2`, InteractionSchema);
    expect(items.map(({ subject }) => subject)).toEqual(['Three', 'Two', 'One']);
    expect(pages[0]).toBe(2);
    problemOf(await tenant.admin.get(`${path}?cursor=nonsense`), 400, 'cursor.invalid');
  });

  it('that was merged with others are one list, and are completed where they stand', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.addClient(), await tenant.addClient()];
    for (const [index, { id }] of [one, other, one, other].entries()) {
      await addInteraction(tenant.admin, `/crm/clients/${id}/interactions`, { subject: `Call ${index}` });
    }
    const client = await tenant.addClient();
    for (const absorbed of [one, other]) await merged(tenant, client, absorbed);
    const survivor = client.id;
    const path = `/crm/clients/${survivor}/interactions`;
    const { items } = await readAll(tenant.admin, `${path}?limit=3`, InteractionSchema);
    expect(items.map(({ subject }) => subject)).toEqual(['Call 3', 'Call 2', 'Call 1', 'Call 0']);
    for (const { id, clientId } of items) {
      expect(clientId).toBe(survivor);
      const completed = read(await tenant.admin.patch(`${path}/${id}/complete`), 200, InteractionSchema);
      expect(completed).toMatchObject({ id, clientId: survivor, status: 'completed' });
    }
  });
});

describe('events about interactions', () => {
  it('tell what was planned, and what changed', async () => {
    const { tenant, path } = await withInteractions();
    const made = await addInteraction(tenant.admin, path, { scheduledAt: FAR_OFF });
    const at = `${path}/${made.id}`;
    const changed = read(await tenant.admin.put(at, { subject: 'Write' }), 200, InteractionSchema);
    const subject = { type: 'interaction', id: made.id };
    expect(await eventOf(tenant.id, 'InteractionCreated')).toMatchObject({ subject, data: made });
    const updated = await eventOf(tenant.id, 'InteractionUpdated');
    expect(updated).toMatchObject({ subject, data: changed });
    expect(updated.previous).toMatchObject({ subject: 'Call back', scheduledAt: FAR_OFF, status: 'planned' });
  });

  it('tell of one that took place before it was logged that it is completed', async () => {
    const { tenant, path } = await withInteractions();
    const made = await addInteraction(tenant.admin, path, { completedAt: LONG_AGO });
    expect((await eventOf(tenant.id, 'InteractionCreated')).data).toEqual(made);
    expect((await eventOf(tenant.id, 'InteractionCompleted')).data).toEqual(made);
  });
});
