import { randomUUID } from 'node:crypto';
import { AuditEntrySchema, type AuditEntry } from '../lib/contract/audit.ts';
import { writeAudit } from '../lib/table/audit.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventsOf } from './support/events.ts';
import { newPhone, unique } from './support/random.ts';
import { AuditSchema, openTenant, readAll, type Tenant } from './support/tenant.ts';

/** But for what every tenant begins with: that its users appear. */
const withoutUsers = (entries: readonly AuditEntry[]): AuditEntry[] =>
  entries.filter(({ type }) => type !== 'UserCreated');

const auditOf = async ({ admin }: Tenant, query = '') =>
  withoutUsers(read(await admin.get(`/crm/audit${query}`), 200, AuditSchema).items);

/** The log, as soon as it has so many entries. */
const logOf = (tenant: Tenant, length: number) =>
  eventually(async () => {
    const entries = await auditOf(tenant);
    expect(entries).toHaveLength(length);
    return entries;
  });

describe('the audit log', () => {
  it('lists who did what to what, newest first, with the fields that changed and not their values', async () => {
    const tenant = await openTenant();
    const secret = unique('secret');
    const { id } = await tenant.addClient({ comments: secret });
    const headers = { 'x-request-id': unique('request') };
    await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olimjon' }, headers);
    await tenant.admin.put('/crm/settings', { defaultCountry: 'UZ' });
    const entries = await logOf(tenant, 3);
    expect(entries).toMatchObject([
      { type: 'SettingsUpdated', subject: { type: 'settings', id: tenant.id } },
      { type: 'ClientUpdated', subject: { type: 'client', id }, correlationId: headers['x-request-id'] },
      { type: 'ClientCreated', subject: { type: 'client', id }, changed: [] },
    ]);
    expect(entries[0]?.changed.toSorted()).toEqual(['defaultCountry', 'version']);
    expect(entries[1]?.changed.toSorted()).toEqual(['comments', 'firstName', 'updatedAt', 'version']);
    expect(new Set(entries.map(({ actor }) => `${actor.type} ${actor.id}`))).toEqual(new Set(['user ana']));
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('has an entry for every event, with its id', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    const { id } = await tenant.onlyChat();
    await tenant.becomes(await tenant.send(id, { text: 'Hi' }), 'delivered');
    await tenant.admin.put(`/crm/chats/${id}/read`);
    await eventually(async () => {
      const events = await eventsOf(tenant.id);
      expect(events.map(({ type }) => type)).toContain('ChatUpdated');
      const entries = await auditOf(tenant);
      expect(entries.map((entry) => entry.id).toSorted()).toEqual(events.map((event) => event.id).toSorted());
    });
    const actors = new Set((await auditOf(tenant)).map(({ actor }) => actor.type));
    expect(actors).toEqual(new Set(['user', 'client', 'system']));
  });

  it('is of one subject, of one actor or of both, if asked', async () => {
    const tenant = await openTenant();
    const boris = await tenant.as('manager', 'boris');
    const [one, other] = [await tenant.addClient(), await tenant.addClient()];
    await boris.put(`/crm/clients/${one.id}`, { firstName: 'By Boris' });
    await boris.put(`/crm/clients/${other.id}`, { firstName: 'By Boris' });
    await logOf(tenant, 4);
    const types = async (query: string) => (await auditOf(tenant, query)).map(({ type }) => type);
    expect(await types(`?subjectId=${one.id}`)).toEqual(['ClientUpdated', 'ClientCreated']);
    expect(await types('?actorId=boris')).toEqual(['ClientUpdated', 'ClientUpdated']);
    expect(await types(`?subjectId=${one.id}&actorId=ana`)).toEqual(['ClientCreated']);
    expect(await types('?actorId=nobody')).toEqual([]);
  });

  it('is of a day, or of a time, also of one subject or actor, if asked', async () => {
    const tenant = await openTenant();
    const entryAt = (occurredAt: string, id: string) => ({
      id: randomUUID(),
      type: 'ClientUpdated',
      occurredAt,
      actor: { type: 'user' as const, id },
      subject: { type: 'client', id: 'one' },
      correlationId: 'a-test',
      changed: [],
    });
    const times = [
      '2026-01-30T23:59:59.999Z',
      '2026-01-31T00:00:00.000Z',
      '2026-01-31T23:59:59.999Z',
      '2026-02-01T00:00:00.000Z',
    ];
    await writeAudit(
      tenant.id,
      times.map((time, index) => entryAt(time, index % 2 === 0 ? 'even' : 'odd')),
    );
    const asked = async (query: string) =>
      (await auditOf(tenant, query)).map(({ occurredAt }) => times.indexOf(occurredAt));
    await eventually(async () => {
      expect(await asked('?day=2026-01-31')).toEqual([2, 1]);
    });
    expect(await asked('?day=2026-01-31&actorId=odd')).toEqual([1]);
    expect(await asked('?day=2026-01-31&subjectId=one&actorId=even')).toEqual([2]);
    expect(await asked('?from=2026-01-31T00:00:00.000Z&to=2026-02-01T00:00:00.000Z&subjectId=one')).toEqual([2, 1]);
    expect(await asked('?to=2026-01-31T00:00:00.000Z&actorId=even')).toEqual([0]);
    expect(await asked('?day=2026-03-01')).toEqual([]);
    for (const day of ['9999-12-31', '0000-01-01']) expect(await asked(`?day=${day}`)).toEqual([]);
    for (const wrong of [
      'day=31.1.2026',
      'day=2026-02-30',
      `day=2026-01-31&from=${times[0] ?? ''}`,
      `from=${times[2] ?? ''}&to=${times[0] ?? ''}`,
    ]) {
      problemOf(await tenant.admin.get(`/crm/audit?${wrong}`), 400, 'request.invalid');
    }
  });

  it('is read to its end by nextCursor', async () => {
    const tenant = await openTenant();
    for (let index = 0; index < 5; index += 1) await tenant.addClient();
    const entries = await logOf(tenant, 5);
    const { items, pages } = await readAll(tenant.admin, '/crm/audit?limit=2', AuditEntrySchema);
    expect(withoutUsers(items)).toEqual(entries);
    expect(Math.max(...pages)).toBe(2);
    const mine = await readAll(tenant.admin, '/crm/audit?limit=2&actorId=ana', AuditEntrySchema);
    expect(withoutUsers(mine.items)).toEqual(entries);
    const page = read(await tenant.admin.get('/crm/audit?limit=2'), 200, AuditSchema);
    const cursor = encodeURIComponent(page.nextCursor ?? '');
    problemOf(await tenant.admin.get(`/crm/audit?actorId=ana&cursor=${cursor}`), 400, 'cursor.invalid');
  });

  it("holds nothing of another tenant's, also where it is asked for by id", async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await tenant.addClient();
    await logOf(tenant, 1);
    expect(await auditOf(other)).toEqual([]);
    expect(await auditOf(other, `?subjectId=${id}`)).toEqual([]);
    expect(await auditOf(other, '?actorId=ana')).toEqual([]);
  });

  it('is not for agents', async () => {
    const tenant = await openTenant();
    const problem = problemOf(await (await tenant.as('agent')).get('/crm/audit'), 403, 'permission.missing');
    expect(problem.permission).toBe('Audit.Read');
  });
});
