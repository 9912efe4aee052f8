import { createHash } from 'node:crypto';
import * as z from 'zod';
import { keepLetterPayload } from '../lib/cloud/payloads.ts';
import type { Channel } from '../lib/contract/channels.ts';
import type { Client } from '../lib/contract/clients.ts';
import { ErasureSchema, type Erasure } from '../lib/contract/privacy.ts';
import { pageOf } from '../lib/contract/route.ts';
import { keepDeadLetter } from '../lib/table/dead-letters.ts';
import { first, problemOf, read } from './support/answers.ts';
import { objectsOf } from './support/bucket.ts';
import { eventually } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { askToErase, erased, exported } from './support/privacy.ts';
import { newPhone, newTelegramUser, unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

interface Whole {
  readonly tenant: Tenant;
  readonly sms: Channel;
  readonly telegram: Channel;
  readonly client: Client;
  readonly phone: string;
  readonly user: number;
  /** In everything that was ever written of the client. */
  readonly marker: string;
  /** Somebody else, of whom everything has to stay. */
  readonly other: Client;
}

/** Whether something of the client shows in a text, in whatever form. */
const shows = ({ marker, phone, user }: Whole, text: string): boolean =>
  text.toLowerCase().includes(marker) || text.includes(phone.slice(1)) || text.includes(String(user));

const post = async (tenant: Tenant, path: string, body: unknown, headers = {}): Promise<unknown> => {
  const answer = await tenant.admin.post(path, body, headers);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

const deadLetter = async (tenant: Tenant, channel: Channel, payload: string) =>
  keepDeadLetter(tenant.id, {
    source: 'webhook',
    origin: channel.provider,
    reason: 'It could not be handled.',
    payload: await keepLetterPayload(tenant.id, channel.id, payload),
    receivedAt: new Date().toISOString(),
  });

const writeAbout = async ({ tenant, client, marker }: Pick<Whole, 'tenant' | 'client' | 'marker'>): Promise<void> => {
  const at = `/crm/clients/${client.id}`;
  const key = { 'idempotency-key': unique('key') };
  await post(tenant, `${at}/notes`, { text: `${marker} public` }, key);
  await post(tenant, `${at}/notes`, { text: `${marker} private`, private: true });
  await post(tenant, `${at}/interactions`, { type: 'call', subject: marker, scheduledAt: '2030-01-01T00:00:00.000Z' });
  await post(tenant, `${at}/tags`, { tags: [`${marker}tag`] });
  await post(tenant, `${at}/contacts`, { type: 'email', value: `${marker}@example.com` }, key);
  expect((await tenant.admin.put(at, { firstName: marker, phone: client.phone, comments: marker })).status).toBe(200);
};

/** A client of whom there is something in every place there is. */
const prepareWhole = async (): Promise<Whole> => {
  const tenant = await openTenant();
  const marker = `zz${createHash('sha256').update(tenant.id).digest('hex').slice(0, 12)}`;
  const [phone, user] = [newPhone(), newTelegramUser()];
  const fields = {
    firstName: marker,
    lastName: marker,
    phone,
    pin: `${marker}pin`,
    tags: [marker],
    customFields: { size: marker },
  };
  const client = z
    .custom<Client>()
    .parse(
      await post(
        tenant,
        '/crm/clients',
        { ...fields, contacts: [{ type: 'telegram', value: String(user) }] },
        { 'idempotency-key': unique('key') },
      ),
    );
  const other = await tenant.addClient({ firstName: 'Somebody', phone: newPhone(), tags: ['kept'] });
  const [sms, telegram] = await Promise.all([tenant.connectTwilio('sms'), tenant.connectTelegram()]);
  await post(tenant, '/crm/segments', {
    name: 'reachable',
    filter: { all: [{ field: 'contact', operator: 'has', type: 'phone' }] },
  });
  const media = [
    { contentType: 'image/gif', base64: Buffer.from(`GIF89a${marker}`).toString('base64'), name: `${marker}.gif` },
  ];
  await tenant.receive(sms, { from: phone, text: `${marker} ${'long '.repeat(300)}`, media });
  await tenant.receive(telegram, { from: String(user), name: marker, text: `${marker} bot`, media });
  await tenant.receive(sms, { from: other.phone, text: 'kept' });
  const sent = await tenant.send(client.id, { text: `${marker} out`, transport: 'sms' });
  await tenant.becomes(sent, 'delivered');
  await writeAbout({ tenant, client, marker });
  await deadLetter(tenant, sms, `From=${encodeURIComponent(phone)}&Body=${marker}`);
  await deadLetter(tenant, telegram, JSON.stringify({ from: { id: user }, text: `${marker} ${'x'.repeat(120_000)}` }));
  await deadLetter(tenant, sms, `From=${encodeURIComponent(other.phone ?? '')}&Body=kept`);
  await exported(tenant.admin, client.id);
  return { tenant, sms, telegram, client, phone, user, marker, other };
};

const placesOf = async (whole: Whole): Promise<string[]> => {
  const items = await itemsOf(whole.tenant.id);
  const objects = await objectsOf(whole.tenant.id);
  return [
    ...items.filter((item) => shows(whole, JSON.stringify(item))).map(({ pk, sk }) => `${String(pk)} ${String(sk)}`),
    ...[...objects].filter(([key, text]) => shows(whole, key + text)).map(([key]) => key),
  ];
};

let whole: Whole;
let receipt: Erasure;
let before: { readonly places: readonly string[]; readonly inbox: unknown };

beforeAll(async () => {
  whole = await prepareWhole();
  // Everything that is written a moment later is there too.
  await eventually(async () => {
    const places = (await placesOf(whole)).join('\n');
    for (const place of [
      '#TERM#',
      '#TAG',
      '#SEGMENT',
      '#IDEMPOTENCY#',
      '#DEADLETTER',
      '#IDENTITY#',
      'exports/',
      'payloads/',
      'files/',
      'CHANGE#',
    ]) {
      expect(places).toContain(place);
    }
  }, 20_000);
  before = { places: await placesOf(whole), inbox: await whole.tenant.chat(whole.other.id) };
  receipt = await erased(whole.tenant.admin, await askToErase(whole.tenant.admin, whole.client.id));
  await eventOf(whole.tenant.id, 'ClientErased', whole.client.id);
}, 90_000);

describe('an erased client', () => {
  it('has left nothing behind, in the table and in the bucket', async () => {
    expect(before.places.length).toBeGreaterThan(30);
    expect(await placesOf(whole)).toEqual([]);
  });

  it('is named by its id alone, in its receipt, its audit entries and what announced its end', async () => {
    const { tenant, client } = whole;
    const items = (await itemsOf(tenant.id)).filter((item) => JSON.stringify(item).includes(client.id));
    const kinds = new Set(items.map(({ pk }) => String(pk).split('#')[2]));
    expect(
      [...kinds].filter((kind) => !['AUDIT', 'CHANGES', 'ERASURE', 'JOB', 'IDEMPOTENCY'].includes(kind ?? '')),
    ).toEqual([]);
  });

  it('has a receipt that says what, when and by whom, and nothing of the person', async () => {
    const { tenant, client } = whole;
    expect(receipt).toMatchObject({ clientId: client.id, state: 'done', requestedBy: 'ana' });
    expect(Date.parse(receipt.completedAt ?? '')).toBeGreaterThan(Date.parse(receipt.requestedAt));
    expect(receipt.removed).toMatchObject({
      clients: 1,
      messages: 3,
      notes: 2,
      interactions: 1,
      files: 2,
      exports: 1,
      deadLetters: 2,
    });
    expect(receipt.removed.answers).toBeGreaterThanOrEqual(2);
    expect(receipt.removed.references).toBeGreaterThanOrEqual(4);
    expect(shows(whole, JSON.stringify(receipt))).toBe(false);
    const page = read(await tenant.admin.get('/crm/erasures'), 200, pageOf(ErasureSchema));
    expect(page).toEqual({ items: [receipt], nextCursor: null });
  });

  it('is announced by ids alone, when it is asked for and when it is done', async () => {
    const { tenant, client } = whole;
    for (const type of ['ClientErasureRequested', 'ClientErased'] as const) {
      const event = await eventOf(tenant.id, type, client.id);
      expect(event).toMatchObject({
        actor: { type: 'user', id: 'ana' },
        data: { id: receipt.id, clientId: client.id },
      });
      expect(Object.keys(event.data).toSorted()).toEqual(['clientId', 'id']);
      expect(shows(whole, JSON.stringify(event))).toBe(false);
    }
    const events = await eventsOf(tenant.id);
    expect(events.findLastIndex(({ subject }) => subject.id === client.id)).toBe(
      events.findIndex(({ type }) => type === 'ClientErased'),
    );
  });

  it('is not there, like one that never was', async () => {
    const { tenant, client } = whole;
    const { admin } = tenant;
    const at = `/crm/clients/${client.id}`;
    const unknown = problemOf(await admin.get(`/crm/clients/${crypto.randomUUID()}`), 404, 'resource.not-found');
    for (const path of [
      at,
      `${at}/contacts`,
      `${at}/notes`,
      `${at}/interactions`,
      `${at}/history`,
      `${at}/export`,
      `${at}/legal-hold`,
    ]) {
      expect(problemOf(await admin.get(path), 404, 'resource.not-found').detail).toBe(unknown.detail);
    }
    problemOf(await admin.get(`/crm/chats/${client.id}`), 404, 'resource.not-found');
    problemOf(await admin.post(`${at}/restore`), 404, 'resource.not-found');
    problemOf(await admin.post(`${at}/erase`), 404, 'resource.not-found');
    problemOf(await admin.put(`${at}/legal-hold`, { reason: 'late' }), 404, 'resource.not-found');
  });

  it('leaves everything of others where it was', async () => {
    const { tenant, other, sms } = whole;
    expect(await tenant.chat(other.id)).toEqual(before.inbox);
    const items = await itemsOf(tenant.id);
    const kept = items.filter(({ pk }) => String(pk).endsWith('#DEADLETTER'));
    expect(kept).toMatchObject([{ payload: `From=${encodeURIComponent(other.phone ?? '')}&Body=kept` }]);
    await tenant.receive(sms, { from: other.phone, text: 'again' });
    expect((await tenant.chat(other.id)).messages[0]).toMatchObject({ text: 'again' });
  });

  it('who writes again is a new client, of whom nothing is known', async () => {
    const { tenant, sms, client, phone } = whole;
    await tenant.receive(sms, { from: phone, text: 'me again' });
    const chat = (await tenant.chats()).find(({ lastMessage }) => lastMessage?.text === 'me again');
    expect(chat?.id).not.toBe(client.id);
    expect((await tenant.chat(chat?.id ?? '')).messages).toHaveLength(1);
    expect(first(await tenant.chats()).id).toBe(chat?.id);
  });
});
