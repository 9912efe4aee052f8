import { addClient, buildClient, clientInput, clientProfile, newAct } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import type { Act } from '../domain/act.ts';
import { newChat } from '../domain/chat.ts';
import { addContact, replaceProfile, withState, type ClientRecord } from '../domain/client.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { findChat, getChat } from './chats.ts';
import { query } from './client.ts';
import { editClient, findClient, getClient, hideClient, insertClient, listClients, showClient } from './clients.ts';
import { findHolder } from './identities.ts';
import { clientCollection } from './keys.ts';

const insert = (act: Act, client: ClientRecord) =>
  insertClient(act, client, clientEvent(act, 'ClientCreated', client), []);

const hide = async (act: Act, id: ClientRecord['id']): Promise<ClientRecord> => {
  const before = await getClient(act.tenant, id);
  const after = withState(act, before, 'deleted');
  await hideClient(act.tenant, before, after, clientEvent(act, 'ClientDeleted', after));
  return after;
};

const show = async (act: Act, before: ClientRecord): Promise<void> => {
  const after = withState(act, before, 'active');
  const chat = (await findChat(act.tenant, before.id)) ?? newChat(act, before);
  await showClient(act.tenant, before, after, chat, clientEvent(act, 'ClientRestored', after), []);
};

const itemsOf = async (act: Act, client: ClientRecord): Promise<string[]> => {
  const { Items = [] } = await query(act.tenant, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': clientCollection(act.tenant, client.id) },
    ConsistentRead: true,
  });
  // But what subscribers derive a moment later.
  const keys = Items.map(({ sk }) => String(sk)).filter((sk) => !/^(?:TERMS#|CHANGE#|ROWS$)/.test(sk));
  return keys.map((sk) => sk.replace(/#.{36}$/, ''));
};

const phoneOf = (value: string | null) => ({ kind: 'tel', value: value ?? '' }) as const;

describe('adding a client', () => {
  it('makes the client, the head of its chat, its identities and one event', async () => {
    const at = new Date();
    const act = newAct({ now: () => at });
    const client = await addClient(act, { phone: newPhone() });
    expect(await getClient(act.tenant, client.id)).toEqual(client);
    expect(await getChat(act.tenant, client.id)).toEqual(newChat(act, client));
    expect(await findHolder(act.tenant, phoneOf(client.phone))).toBe(client.id);
    expect(await itemsOf(act, client)).toEqual(['#CHAT', '#CLIENT', 'EVENT']);
  });

  it('with one phone succeeds once of 20 times at once; the others are told who holds it, and leave nothing', async () => {
    const act = newAct();
    const phone = newPhone();
    // Some hold it as their phone, some as a contact by WhatsApp.
    const clients = Array.from({ length: 20 }, (_, index) => {
      const contacts = [{ type: 'email' as const, value: `a${index}@example.org` }];
      return buildClient(
        act,
        index % 2 === 0 ? { phone, contacts } : { contacts: [...contacts, { type: 'whatsapp', value: phone }] },
      );
    });
    const outcomes = await Promise.allSettled(clients.map((client) => insert(act, client)));
    const [winner, ...others] = clients.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(others).toEqual([]);
    const refusals = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refusals).toHaveLength(19);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'contact.duplicate', particulars: { clientId: winner?.id } });
    }
    expect(await findHolder(act.tenant, phoneOf(phone))).toBe(winner?.id);
    const losers = clients.filter((client) => client !== winner);
    const left = await Promise.all(losers.map((client) => itemsOf(act, client)));
    expect(left.flat()).toEqual([]);
    const emails = losers.flatMap(({ contacts }) => contacts).filter(({ type }) => type === 'email');
    const holders = await Promise.all(emails.map(({ value }) => findHolder(act.tenant, { kind: 'email', value })));
    expect(holders.every((holder) => holder === undefined)).toBe(true);
  });

  it('with a PIN that another has is refused, naming the PIN and who has it', async () => {
    const act = newAct();
    const client = await addClient(act, { pin: '42' });
    await expect(addClient(act, { pin: '42' })).rejects.toMatchObject({
      code: 'client.pin-duplicate',
      particulars: { clientId: client.id },
    });
  });

  it('with a phone that another tenant’s client has is no business of theirs', async () => {
    const phone = newPhone();
    await addClient(newAct(), { phone });
    await expect(addClient(newAct(), { phone })).resolves.toMatchObject({ phone });
  });

  it('works with names of any length and script that the contract allows', async () => {
    const act = newAct();
    for (const letter of ['한', '漢', '😀', 'ﷺ', 'W'].map((each) => each.repeat(100).slice(0, 100))) {
      const client = await addClient(act, { firstName: letter, lastName: letter });
      const { items } = await listClients(act.tenant, 'name', { limit: 100 });
      expect(items.map(({ id }) => id)).toContain(client.id);
    }
  });
});

describe('changing a client', () => {
  const edit = (act: Act, id: ClientRecord['id'], decide: (before: ClientRecord) => ClientRecord) =>
    editClient(act.tenant, id, (before) => {
      const client = decide(before);
      return { client, event: clientEvent(act, 'ClientUpdated', client, before), result: client };
    });

  it('takes new identities and frees those it gave up', async () => {
    const act = newAct();
    const [former, latter] = [newPhone(), newPhone()];
    const { id } = await addClient(act, { phone: former });
    await edit(act, id, (before) => replaceProfile(act, before, clientProfile({ phone: latter }), null));
    expect(await findHolder(act.tenant, phoneOf(former))).toBeUndefined();
    expect(await findHolder(act.tenant, phoneOf(latter))).toBe(id);
  });

  it('renames its chat', async () => {
    const act = newAct();
    const { id } = await addClient(act);
    await edit(act, id, (before) => replaceProfile(act, before, clientProfile({ firstName: 'Eva' }), null));
    expect(await getChat(act.tenant, id)).toMatchObject({ client: { firstName: 'Eva', lastName: null } });
  });

  it('many times at once loses no change', async () => {
    const act = newAct();
    const { id } = await addClient(act);
    const values = Array.from({ length: 8 }, (_, index) => `a${index}@example.org`);
    await Promise.all(
      values.map((value) => edit(act, id, (before) => addContact(act, before, { type: 'email', value }, null).client)),
    );
    const { contacts, revision } = await getClient(act.tenant, id);
    expect(contacts.map(({ value }) => value).toSorted()).toEqual(values);
    expect(revision).toBe(9);
  });
});

describe('a deleted client', () => {
  it('is not found, nor its chat, and its identities are free', async () => {
    const act = newAct();
    const phone = newPhone();
    const { id } = await addClient(act, { phone });
    await hide(act, id);
    await expect(getClient(act.tenant, id)).rejects.toMatchObject({ code: 'resource.not-found' });
    await expect(getChat(act.tenant, id)).rejects.toMatchObject({ code: 'resource.not-found' });
    expect((await listClients(act.tenant, 'newest', { limit: 10 })).items).toEqual([]);
    await expect(addClient(act, { phone })).resolves.toMatchObject({ phone });
  });

  it('comes back with chat and identities', async () => {
    const act = newAct();
    const before = await addClient(act, { phone: newPhone(), pin: '42' });
    await show(act, await hide(act, before.id));
    expect(await getClient(act.tenant, before.id)).toMatchObject({ phone: before.phone, state: 'active', revision: 3 });
    expect(await getChat(act.tenant, before.id)).toMatchObject({ state: 'active' });
    expect(await findHolder(act.tenant, phoneOf(before.phone))).toBe(before.id);
    expect(await findHolder(act.tenant, { kind: 'pin', value: '42' })).toBe(before.id);
    expect((await listClients(act.tenant, 'name', { limit: 10 })).items).toHaveLength(1);
  });

  it('does not come back while another holds what was its own; that one is named and nothing changes', async () => {
    const act = newAct();
    const phone = newPhone();
    const first = await addClient(act, { phone, pin: '42' });
    const deleted = await hide(act, first.id);
    const second = await addClient(act, { phone });
    await expect(show(act, deleted)).rejects.toMatchObject({
      code: 'contact.duplicate',
      particulars: { clientId: second.id },
    });
    expect(await findClient(act.tenant, first.id)).toEqual(deleted);
    expect(await findHolder(act.tenant, { kind: 'pin', value: '42' })).toBeUndefined();
  });
});

describe('listing clients', () => {
  it('page by page visits each once, in order, with pages as long as they may be', async () => {
    const act = newAct();
    const names = ['Željka', 'ana', 'Čedomir', 'Bela', 'Zoran', 'Ákos', 'Eva'];
    for (const firstName of names) await insert(act, buildClient(act, clientInput({ firstName })));
    const walk = async (sort: 'name' | 'newest'): Promise<string[][]> => {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await listClients(act.tenant, sort, { limit: 3, cursor });
        pages.push(items.map(({ firstName }) => firstName));
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
      return pages;
    };
    expect(await walk('newest')).toEqual([['Eva', 'Ákos', 'Zoran'], ['Bela', 'Čedomir', 'ana'], ['Željka']]);
    expect(await walk('name')).toEqual([['Ákos', 'ana', 'Bela'], ['Čedomir', 'Eva', 'Željka'], ['Zoran']]);
  });

  it('by the cursor of another list is refused', async () => {
    const act = newAct();
    for (const firstName of ['Ana', 'Eva']) await insert(act, buildClient(act, { firstName }));
    const { nextCursor } = await listClients(act.tenant, 'name', { limit: 1 });
    const page = { limit: 1, cursor: nextCursor ?? '' };
    const refused = { code: 'cursor.invalid' };
    await expect(listClients(act.tenant, 'newest', page)).rejects.toMatchObject(refused);
    await expect(listClients(newAct().tenant, 'name', page)).rejects.toMatchObject(refused);
  });
});
