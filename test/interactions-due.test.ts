import { InteractionSchema } from '../lib/contract/interactions.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { merged } from './support/merging.ts';
import { openTenant, readAll } from './support/tenant.ts';
import {
  addInteraction,
  FAR_OFF,
  InteractionsSchema,
  LONG_AGO,
  subjectsOf,
  withInteractions,
} from './support/interactions.ts';

const DUE = '/crm/interactions';
type Fields = Readonly<Record<string, unknown>>;

describe('interactions that are due', () => {
  /** Those of two clients, in the order in which they are due; what is not planned or completed is not among them. */
  const withPlans = async () => {
    const tenant = await openTenant();
    const clients = [await tenant.addClient(), await tenant.addClient()];
    const [one = '', other = ''] = clients.map(({ id }) => `/crm/clients/${id}/interactions`);
    await addInteraction(tenant.admin, other, {
      subject: 'Far',
      scheduledAt: '2100-01-02T00:00:00.000Z',
      userId: 'boris',
    });
    await addInteraction(tenant.admin, one, { subject: 'Late', scheduledAt: '2020-01-02T00:00:00.000Z' });
    await addInteraction(tenant.admin, one, { subject: 'Farther', scheduledAt: '2100-01-03T00:00:00.000Z' });
    await addInteraction(tenant.admin, other, {
      subject: 'Later',
      scheduledAt: '2020-01-01T00:00:00.000Z',
      userId: 'boris',
    });
    await addInteraction(tenant.admin, one, { subject: 'Logged' });
    await addInteraction(tenant.admin, one, { subject: 'Done', scheduledAt: LONG_AGO, completedAt: LONG_AGO });
    return { tenant, clients, one, other };
  };

  it('are all that is planned with any client, earliest first', async () => {
    const { tenant, clients } = await withPlans();
    const { items } = read(await tenant.admin.get(DUE), 200, InteractionsSchema);
    expect(items.map(({ subject }) => subject)).toEqual(['Later', 'Late', 'Far', 'Farther']);
    expect(items.map(({ status }) => status)).toEqual(['overdue', 'overdue', 'planned', 'planned']);
    const [one, other] = clients.map(({ id }) => id);
    expect(items.map(({ clientId }) => clientId)).toEqual([other, one, other, one]);
  });

  it.each([
    ['overdue', ['Later', 'Late']],
    ['planned', ['Far', 'Farther']],
    ['today', []],
    ['2020-01-01T00:00:00.000Z', ['Later']],
    ['2019-12-31T23:59:59.999Z', []],
    ['2100-01-02T23:59:59.999Z', ['Later', 'Late', 'Far']],
  ])('are asked for as due=%s', async (due, subjects) => {
    const { tenant } = await withPlans();
    expect(await subjectsOf(tenant.admin, `${DUE}?due=${due}`)).toEqual(subjects);
  });

  it('today are those of this day, in UTC', async () => {
    const { tenant, path } = await withInteractions();
    const day = new Date().toISOString().slice(0, 10);
    await addInteraction(tenant.admin, path, { subject: 'Last', scheduledAt: `${day}T23:59:59.999Z` });
    await addInteraction(tenant.admin, path, { subject: 'First', scheduledAt: `${day}T00:00:00.000Z` });
    const subjects = await subjectsOf(tenant.admin, `${DUE}?due=today`);
    // Unless the day has just ended.
    if (new Date().toISOString().startsWith(day)) expect(subjects).toEqual(['First', 'Last']);
  });

  it("are one user's if asked", async () => {
    const { tenant } = await withPlans();
    expect(await subjectsOf(tenant.admin, `${DUE}?userId=boris`)).toEqual(['Later', 'Far']);
    expect(await subjectsOf(tenant.admin, `${DUE}?due=overdue&userId=ana`)).toEqual(['Late']);
    expect(await subjectsOf(tenant.admin, `${DUE}?userId=nobody`)).toEqual([]);
  });

  it('come page after page', async () => {
    const { tenant } = await withPlans();
    const all = await readAll(tenant.admin, `${DUE}?limit=3`, InteractionSchema);
    expect(all.items.map(({ subject }) => subject)).toEqual(['Later', 'Late', 'Far', 'Farther']);
    const planned = await readAll(tenant.admin, `${DUE}?due=planned&limit=1`, InteractionSchema);
    expect(planned.items.map(({ subject }) => subject)).toEqual(['Far', 'Farther']);
    const mine = await readAll(tenant.admin, `${DUE}?userId=boris&limit=1`, InteractionSchema);
    expect(mine.items.map(({ subject }) => subject)).toEqual(['Later', 'Far']);
    const { nextCursor } = read(await tenant.admin.get(`${DUE}?limit=1`), 200, InteractionsSchema);
    problemOf(await tenant.admin.get(`${DUE}?due=overdue&cursor=${nextCursor ?? ''}`), 400, 'cursor.invalid');
  });

  it('follow what becomes of them', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path, { scheduledAt: LONG_AGO });
    const put = (fields: Fields) => tenant.admin.put(`${path}/${id}`, { subject: 'Call back', ...fields });
    await put({ scheduledAt: FAR_OFF, userId: 'boris' });
    expect(await subjectsOf(tenant.admin, `${DUE}?due=overdue`)).toEqual([]);
    expect(await subjectsOf(tenant.admin, `${DUE}?due=planned&userId=ana`)).toEqual([]);
    expect(await subjectsOf(tenant.admin, `${DUE}?due=planned&userId=boris`)).toEqual(['Call back']);
    await put({});
    expect(await subjectsOf(tenant.admin, DUE)).toEqual([]);
    await put({ scheduledAt: FAR_OFF });
    expect(await subjectsOf(tenant.admin, DUE)).toEqual(['Call back']);
    await tenant.admin.patch(`${path}/${id}/complete`);
    expect(await subjectsOf(tenant.admin, DUE)).toEqual([]);
  });

  it('leave out those of a client while it is deleted', async () => {
    const { tenant, clients } = await withPlans();
    const client = `/crm/clients/${clients[0]?.id ?? ''}`;
    await tenant.admin.delete(client);
    const { items } = await readAll(tenant.admin, `${DUE}?limit=1`, InteractionSchema);
    expect(items.map(({ subject }) => subject)).toEqual(['Later', 'Far']);
    await tenant.admin.post(`${client}/restore`);
    expect(await subjectsOf(tenant.admin, `${DUE}?due=overdue`)).toEqual(['Later', 'Late']);
  });

  it('are those of the client that lives on where several were merged, also where it was merged in turn', async () => {
    const { tenant, clients } = await withPlans();
    const first = await tenant.addClient();
    for (const client of clients) await merged(tenant, first, client);
    const clientsOf = async () => {
      const { items } = read(await tenant.admin.get(DUE), 200, InteractionsSchema);
      return items.map(({ clientId }) => clientId);
    };
    expect(new Set(await clientsOf())).toEqual(new Set([first.id]));
    const last = await tenant.addClient();
    await merged(tenant, last, first);
    expect(await clientsOf()).toEqual([last.id, last.id, last.id, last.id]);
    await tenant.admin.delete(`/crm/clients/${last.id}`);
    expect(await clientsOf()).toEqual([]);
  });

  it.each(['soon', '', '2026-01-31'])('are not asked for as due=%s', async (due) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.get(`${DUE}?due=${due}`), 400, 'request.invalid'))).toEqual(['/due']);
  });
});
