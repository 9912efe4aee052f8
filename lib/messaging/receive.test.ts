import { addClient, newAct, newArrival, newChannelId } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import type { Message } from '../contract/messages.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { withState } from '../domain/client.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { listChats } from '../table/chat-lists.ts';
import { getChat, getChatWithMembers } from '../table/chats.ts';
import { getClient, hideClient, listClients } from '../table/clients.ts';
import { findHolder } from '../table/identities.ts';
import { findReference, listMessages } from '../table/messages.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { receive } from './receive.ts';

const channelId = newChannelId();
const arrivalFrom = (address: string, changes: Parameters<typeof newArrival>[0] = {}) =>
  newArrival({ from: { address, firstName: 'Ana' }, ...changes }, channelId);

const clientsOf = async ({ tenant }: Act) => (await listClients(tenant, 'newest', { limit: 100 })).items;
const messagesOf = async ({ tenant }: Act, id: ClientId): Promise<Message[]> =>
  (await listMessages(tenant, id, { limit: 100 }, Promise.resolve({ absorbed: [], schedules: false }))).items;

const holderOf = async (act: Act, phone: string): Promise<ClientId> => {
  const holder = await findHolder(act.tenant, { kind: 'tel', value: phone });
  if (holder === undefined) throw new Error('Nobody holds this phone.');
  return holder;
};

const remove = (act: Act, id: ClientId): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await getClient(act.tenant, id);
    const after = withState(act, before, 'deleted');
    await hideClient(act.tenant, before, after, clientEvent(act, 'ClientDeleted', after));
  });

describe('a message of somebody nobody knows', () => {
  it('makes client, chat, member and message together', async () => {
    const act = newAct();
    const phone = newPhone();
    const from = { address: phone, firstName: 'Ana', lastName: 'Horvat' };
    expect(await receive(act, arrivalFrom(phone, { from, text: 'Salom' }))).toBe('received');
    const { chat, members } = await getChatWithMembers(act.tenant, await holderOf(act, phone));
    const client = await getClient(act.tenant, chat.clientId);
    expect(client).toMatchObject({ firstName: 'Ana', lastName: 'Horvat', phone });
    expect(chat).toMatchObject({
      unreadCount: 1,
      status: 'open',
      lastMessage: { text: 'Salom', direction: 'inbound' },
    });
    expect(chat.routesBack).toEqual({ sms: { channelId, address: phone } });
    expect(members).toMatchObject([{ type: 'sms', name: 'Ana Horvat', address: phone, channelId }]);
    expect(await messagesOf(act, client.id)).toMatchObject([{ status: 'received', text: 'Salom', readAt: null }]);
  });

  it('twice at once, two first messages, makes one client with both', async () => {
    const act = newAct();
    const phone = newPhone();
    const arrivals = ['one', 'two', 'three', 'four'].map((text) => arrivalFrom(phone, { text }));
    await Promise.all(arrivals.map((arrival) => receive(act, arrival)));
    const [client, ...others] = await clientsOf(act);
    expect(others).toEqual([]);
    const texts = (await messagesOf(act, await holderOf(act, phone))).map(({ text }) => text);
    expect(texts.toSorted()).toEqual(['four', 'one', 'three', 'two']);
    expect(await getChat(act.tenant, await holderOf(act, phone))).toMatchObject({ id: client?.id, unreadCount: 4 });
  });

  it('by SMS and by WhatsApp from one number makes one client', async () => {
    const act = newAct();
    const phone = newPhone();
    await Promise.all(
      (['sms', 'whatsapp'] as const).map((transport) => receive(act, arrivalFrom(phone, { transport }))),
    );
    expect(await clientsOf(act)).toHaveLength(1);
    const { chat, members } = await getChatWithMembers(act.tenant, await holderOf(act, phone));
    expect(Object.keys(chat.routesBack).toSorted()).toEqual(['sms', 'whatsapp', `whatsapp:${channelId}`]);
    expect(members).toMatchObject([{ id: `tel:${phone}` }]);
    expect(members[0]?.transports.map(({ transport }) => transport).toSorted()).toEqual(['sms', 'whatsapp']);
  });
});

describe('a message of a known client', () => {
  it('goes into its chat, opens it, and counts as unread', async () => {
    const act = newAct();
    const client = await addClient(act, { phone: newPhone() });
    expect((await listChats(act.tenant, { unread: true }, { limit: 10 })).items).toEqual([]);
    await receive(act, arrivalFrom(client.phone ?? '', { text: 'first' }));
    await receive(act, arrivalFrom(client.phone ?? '', { text: 'second' }));
    const { items } = await listChats(act.tenant, { unread: true }, { limit: 10 });
    expect(items).toMatchObject([{ id: client.id, unreadCount: 2, lastMessage: { text: 'second' } }]);
    expect(await clientsOf(act)).toHaveLength(1);
  });

  it('that WhatsApp had and we lacked does not shorten the time in which it can be answered', async () => {
    const act = newAct();
    const phone = newPhone();
    const write = (providerTime?: string) =>
      receive(act, arrivalFrom(phone, { transport: 'whatsapp', ...(providerTime !== undefined && { providerTime }) }));
    const ways = async () => (await getChat(act.tenant, await holderOf(act, phone))).routesBack;
    await write('2026-01-01T10:00:00.000Z');
    expect((await ways()).whatsapp?.at).toBe('2026-01-01T10:00:00.000Z');
    await write();
    const latest = await ways();
    expect(latest.whatsapp?.at).not.toBe('2026-01-01T10:00:00.000Z');
    await write('2026-01-01T11:00:00.000Z');
    expect(await ways()).toEqual(latest);
    expect((await messagesOf(act, await holderOf(act, phone))).length).toBe(3);
  });

  it('says what it is an edit of', async () => {
    const act = newAct();
    const phone = newPhone();
    const first = arrivalFrom(phone, { deduplicationId: 'update-1', providerMessageId: 'message-1' });
    await receive(act, first);
    await receive(
      act,
      arrivalFrom(phone, { deduplicationId: 'update-2', providerMessageId: 'message-1', editOf: 'message-1' }),
    );
    const [edit, original] = await messagesOf(act, await holderOf(act, phone));
    expect(edit?.editOf).toBe(original?.id);
    expect(await findReference(act.tenant, channelId, 'message-1')).toBe(original?.id);
  });

  it('that says STOP is remembered as a refusal, START as consent', async () => {
    const act = newAct();
    const phone = newPhone();
    await receive(act, arrivalFrom(phone, { text: 'STOP', consent: 'opted-out' }));
    const id = await holderOf(act, phone);
    expect(await getClient(act.tenant, id)).toMatchObject({ phoneOptedOut: true });
    await receive(act, arrivalFrom(phone, { text: 'START', consent: 'opted-in' }));
    expect(await getClient(act.tenant, id)).toMatchObject({ phoneOptedOut: false });
    expect(await messagesOf(act, id)).toHaveLength(2);
  });

  it('that is no word of the client makes nobody a member', async () => {
    const act = newAct();
    const phone = newPhone();
    await receive(act, arrivalFrom(phone, { entry: 'system', text: 'Shared a location.' }));
    const { members, chat } = await getChatWithMembers(act.tenant, await holderOf(act, phone));
    expect(members).toEqual([]);
    expect(chat.unreadCount).toBe(1);
  });
});

describe('a replay', () => {
  it('changes nothing, one after the other or ten at once', async () => {
    const act = newAct();
    const phone = newPhone();
    const arrival = arrivalFrom(phone);
    const results = await Promise.all(Array.from({ length: 10 }, () => receive(act, arrival)));
    expect(results.filter((result) => result === 'received')).toHaveLength(1);
    expect(await receive(act, arrival)).toBe('replayed');
    expect(await messagesOf(act, await holderOf(act, phone))).toHaveLength(1);
    expect(await getChat(act.tenant, await holderOf(act, phone))).toMatchObject({ unreadCount: 1 });
  });

  it('is one even after its client was deleted: nobody comes back by a repeated message', async () => {
    const act = newAct();
    const phone = newPhone();
    const arrival = arrivalFrom(phone);
    await receive(act, arrival);
    await remove(act, await holderOf(act, phone));
    expect(await receive(act, arrival)).toBe('replayed');
    expect(await clientsOf(act)).toEqual([]);
  });

  it('on another channel is another message', async () => {
    const act = newAct();
    const arrival = arrivalFrom(newPhone());
    await receive(act, arrival);
    expect(await receive(act, { ...arrival, channelId: newChannelId() })).toBe('received');
  });
});

describe('a message to a client that is deleted in between', () => {
  it('is lost neither way: in the chat that was, or with a new client', async () => {
    for (let round = 0; round < 3; round += 1) {
      const act = newAct();
      const phone = newPhone();
      const { id } = await addClient(act, { phone });
      const texts = ['one', 'two', 'three'];
      await Promise.all([...texts.map((text) => receive(act, arrivalFrom(phone, { text }))), remove(act, id)]);
      const clients = await clientsOf(act);
      const ids = new Set([id, ...clients.map((client) => client.id)]);
      const kept = await Promise.all([...ids].map((each) => messagesOf(act, each)));
      expect(
        kept
          .flat()
          .map(({ text }) => text)
          .toSorted(),
      ).toEqual(texts.toSorted());
    }
  });

  it('goes to whoever holds the number afterwards', async () => {
    const act = newAct();
    const phone = newPhone();
    const former = await addClient(act, { phone });
    await remove(act, former.id);
    await receive(act, arrivalFrom(phone));
    const holder = await holderOf(act, phone);
    expect(holder).not.toBe(former.id);
    expect(await messagesOf(act, holder)).toHaveLength(1);
    expect(await messagesOf(act, former.id)).toEqual([]);
  });
});
