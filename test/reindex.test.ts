import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '../lib/contract/clients.ts';
import { NoteSchema } from '../lib/contract/notes.ts';
import { batchWrite } from '../lib/table/client.ts';
import { first, read } from './support/answers.ts';
import { eventually, sharedUrls } from './support/client.ts';
import { newPhone } from './support/random.ts';
import { clientsFound, messagesFound, untilFound } from './support/search.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const COMMAND = fileURLToPath(new URL('../local/reindex.ts', import.meta.url));

/** As `npm run reindex` beside the stack of all tests. */
const reindex = async (...options: string[]): Promise<string> => {
  const env = { PATH: process.env.PATH, PORT: new URL(sharedUrls().api).port };
  return (await promisify(execFile)(process.execPath, [COMMAND, ...options], { env })).stdout;
};

type Item = Record<string, unknown>;

const isPosting = ({ pk }: Item): boolean => String(pk).includes('#TERM#');
const isListing = ({ sk }: Item): boolean => String(sk).startsWith('TERMS#');

/** What searches look in: all of it, as it is stored. */
const indexOf = async ({ id }: Tenant): Promise<Item[]> =>
  (await itemsOf(id)).filter((item) => isPosting(item) || isListing(item));

/** Listings count how often they were written. */
const postingsOf = async (tenant: Tenant): Promise<string[]> =>
  (await indexOf(tenant))
    .filter(isPosting)
    .map((item) => JSON.stringify(Object.entries(item).toSorted()))
    .toSorted();

/** Removes and writes behind the system's back. */
const garble = async ({ id }: Tenant, removed: readonly Item[], written: readonly Item[]): Promise<void> => {
  const requests = [
    ...removed.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ...written.map((Item) => ({ PutRequest: { Item } })),
  ];
  for (let start = 0; start < requests.length; start += 25) await batchWrite(id, requests.slice(start, start + 25));
};

/** A tenant with clients, notes and messages, all of which are found. */
const setScene = async () => {
  const tenant = await openTenant();
  await tenant.connectTwilio('sms');
  const clients: Client[] = [];
  for (const firstName of ['Olim', 'Olima', 'Salim'])
    clients.push(await tenant.addClient({ firstName, phone: newPhone() }));
  const { id } = first(clients);
  const author = await tenant.as('agent', 'aziz');
  for (const fields of [{ text: 'ochiq gap' }, { text: 'maxfiy gap', private: true }]) {
    read(await author.post(`/crm/clients/${id}/notes`, fields), 201, NoteSchema);
  }
  const message = await tenant.send(id, { text: 'Buyurtma tayyor', transport: 'sms' });
  const isWhole = async (): Promise<void> => {
    await untilFound(() => clientsFound(tenant.admin, 'oli'), [clients[1]?.id ?? '', id]);
    await untilFound(() => clientsFound(tenant.admin, 'ochiq gap'), [id]);
    await untilFound(() => clientsFound(author, 'maxfiy'), [id]);
    await untilFound(() => messagesFound(tenant.admin, 'tayyor'), [message.id]);
    await untilFound(() => messagesFound(tenant.admin, 'tayyor', { chatId: id }), [message.id]);
    await untilFound(() => clientsFound(tenant.admin, 'salim'), [clients[2]?.id ?? '']);
  };
  await isWhole();
  return { tenant, clients, message, isWhole };
};

describe('reindexing', () => {
  it('brings back what was lost, and removes what leads nowhere', async () => {
    const { tenant, clients, isWhole } = await setScene();
    const whole = await postingsOf(tenant);
    const index = await indexOf(tenant);
    const postings = index.filter(isPosting);
    const id = clients[2]?.id ?? '';
    await garble(
      tenant,
      [
        ...postings.filter((_, at) => at % 2 === 0),
        // Nobody knows any more what is posted of these.
        ...index.filter(({ pk, sk }) => isListing({ sk }) && String(pk).includes(id)),
      ],
      [
        // A term that nobody has, a document that there is not, and what cannot be read.
        { pk: `T#${tenant.id}#TERM#CLIENT#eski`, sk: id, home: id, document: '#CLIENT' },
        { pk: `T#${tenant.id}#TERM#MESSAGE#eski`, sk: id, home: id, document: `MESSAGE#${id}` },
        { pk: `T#${tenant.id}#TERM#CLIENT#eski`, sk: `${id}#x`, home: 'nobody', document: 42 },
        { pk: `T#${tenant.id}#TERM#CLIENT#eski`, sk: `${id}#y` },
        ...postings.filter((_, at) => at % 5 === 0).map((item) => ({ ...item, document: 'NOTE#nowhere' })),
      ],
    );
    const output = await reindex('--tenant', tenant.id);
    expect(output).toMatch(/1\/2 \d+ items read, \d+ documents posted anew\n/);
    expect(output).toMatch(/2\/2 \d+ items read, \d+ postings looked at, 4 led nowhere and are gone\ndone\n$/);
    expect(await postingsOf(tenant)).toEqual(whole);
    await isWhole();
  }, 60_000);

  it('changes nothing where nothing is wrong, also when it is done twice at once, nor of another tenant', async () => {
    const [{ tenant, isWhole }, other] = await Promise.all([setScene(), setScene()]);
    const [whole, others] = await Promise.all([postingsOf(tenant), postingsOf(other.tenant)]);
    const stale = { pk: `T#${other.tenant.id}#TERM#CLIENT#eski`, sk: 'x' };
    await garble(other.tenant, [], [stale]);
    await Promise.all([reindex('--tenant', tenant.id), reindex('--tenant', tenant.id)]);
    expect(await postingsOf(tenant)).toEqual(whole);
    await isWhole();
    expect(await postingsOf(other.tenant)).toHaveLength(others.length + 1);
    await garble(other.tenant, [stale], []);
  }, 60_000);

  it('goes on while the system is used, and leaves what is found right', async () => {
    const { tenant, clients } = await setScene();
    const running = reindex('--tenant', tenant.id);
    for (let round = 0; round < 8; round += 1) {
      for (const { id } of clients) {
        const answer = await tenant.admin.put(`/crm/clients/${id}`, { firstName: `Davr${round}` });
        expect(answer.status).toBe(200);
      }
    }
    await running;
    const newestFirst = clients.map(({ id }) => id).toReversed();
    await untilFound(() => clientsFound(tenant.admin, 'davr7'), newestFirst);
    await eventually(async () => {
      const left = (await postingsOf(tenant)).flatMap((posting) => /davr\d"/.exec(posting) ?? []);
      expect([...new Set(left)]).toEqual(['davr7"']);
    });
  }, 60_000);

  it('of a tenant that cannot be is refused', async () => {
    await expect(reindex('--tenant', 'A#B')).rejects.toThrow();
    await expect(reindex('--everything')).rejects.toThrow('everything');
  });
});
