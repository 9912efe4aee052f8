import { listChanges } from '../lib/contract/realtime.ts';
import { UserIdSchema } from '../lib/contract/vocabulary.ts';
import { insertConnection, insertTicket } from '../lib/table/connections.ts';
import { problemOf, read } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { newPhone, unique } from './support/random.ts';
import { closeSockets, connect } from './support/sockets.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

afterAll(closeSockets);

const connectionsOf = async (tenant: Tenant) =>
  (await itemsOf(tenant.id)).filter(({ pk }) => pk === `T#${tenant.id}#CONNECTION`);

const catchUp = async (tenant: Tenant, since: string) =>
  read(await tenant.admin.get(`/crm/changes?since=${since}`), 200, listChanges.result);

describe('a connection', () => {
  it('is closed when its user is deactivated', async () => {
    const tenant = await openTenant();
    const [ana, bek] = [await connect(tenant.admin), await connect(await tenant.as('agent', 'bek'))];
    expect((await tenant.admin.put('/crm/users/bek', { active: false })).status).toBe(200);
    await eventually(() => expect(bek.isClosed).toBe(true));
    await eventually(async () => expect(await connectionsOf(tenant)).toMatchObject([{ userId: 'ana' }]));
    expect(ana.isClosed).toBe(false);
  });

  it('is closed when its token expires, and forgotten when it closes', async () => {
    const tenant = await openTenant();
    const brief = await connect(api(await token({ tenant: tenant.id, user: 'bek', expires_in: '5' })));
    const ana = await connect(tenant.admin);
    expect(await connectionsOf(tenant)).toHaveLength(2);
    await eventually(() => expect(brief.isClosed).toBe(true), 15_000);
    ana.close();
    await eventually(async () => expect(await connectionsOf(tenant)).toEqual([]));
  });

  it('that is dead is forgotten once it cannot be told something; one that is still opening is not', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const ana = await connect(tenant.admin);
    const plant = async (connectionId: string, connectedAt: Date): Promise<void> => {
      const until = new Date(Date.now() + 60_000).toISOString();
      const who = { userId: UserIdSchema.parse('bek'), role: 'agent' as const };
      await insertTicket(tenant.id, connectionId, { ...who, tokenExpiresAt: until, validUntil: until });
      const connection = { ...who, connectionId, connectedAt: connectedAt.toISOString(), until };
      await insertConnection(tenant.id, connectionId, connection);
    };
    const [dead, opening] = [unique('dead'), unique('opening')];
    await plant(dead, new Date(Date.now() - 60_000));
    await plant(opening, new Date(Date.now() + 60_000));
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    await ana.hears('message.created');
    await eventually(async () => {
      const left = (await connectionsOf(tenant)).map(({ connectionId }) => connectionId);
      expect(left).toHaveLength(2);
      expect(left).not.toContain(dead);
      expect(left).toContain(opening);
    });
  });
});

describe('after a break', () => {
  it('nothing is missed while messages keep coming, and repeats are told by their version', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const first = await connect(tenant.admin);
    const texts = Array.from({ length: 8 }, (_, index) => `Salom ${index}`);
    const coming = (async () => {
      for (const text of texts) await tenant.receive(channel, { from: newPhone(), text });
    })();
    const { at } = await first.hears('message.created');
    first.close();
    const second = await connect(tenant.admin);
    const caughtUp = await catchUp(tenant, at);
    await coming;
    await second.hears('message.created', ({ data }) => data.text === texts.at(-1));
    const versions = new Map<string, Set<number>>();
    const known = new Set<string>();
    for (const heard of [...first.heard, ...caughtUp.items, ...second.heard]) {
      if (heard.type !== 'message.created' && heard.type !== 'message.changed') continue;
      known.add(heard.data.text);
      versions.set(heard.id, (versions.get(heard.id) ?? new Set()).add(heard.version));
    }
    expect([...known].toSorted()).toEqual([...texts].toSorted());
    expect([...versions.values()].filter(({ size }) => size > 1)).toEqual([]);
    // The next catch-up begins where this one ended, and somewhat before.
    await eventually(async () => {
      const { items, nextCursor } = await catchUp(tenant, caughtUp.next);
      expect(nextCursor).toBeNull();
      const again = items.flatMap((item) => (item.type === 'message.created' ? item.data.text : []));
      expect(again).toEqual(expect.arrayContaining(texts));
    });
  });

  it('who was away for too long, or asks for another tenant’s page, is told so', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const ago = new Date(Date.now() - 25 * 3_600_000).toISOString();
    problemOf(await tenant.admin.get(`/crm/changes?since=${ago}`), 410, 'changes.gone');
    problemOf(await tenant.admin.get('/crm/changes'), 400, 'request.invalid');
    problemOf(await tenant.admin.get('/crm/changes?since=yesterday'), 400, 'request.invalid');
    const now = new Date().toISOString();
    problemOf(await tenant.admin.get(`/crm/changes?since=${now}&cursor=x`), 400, 'cursor.invalid');
    expect((await catchUp(other, now)).items).toEqual([]);
  });
});
