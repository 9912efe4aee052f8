import { addTwilioChannel, newAct, outboundMessage } from '../../test/support/builders.ts';
import { ClientIdSchema, WebhookEndpointIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { MessageRecord } from '../domain/message.ts';
import { newDelivery } from '../domain/webhook-delivery.ts';
import { changeChannel } from './channels.ts';
import { DUE_START, dueShards, listDue, type Due } from './due.ts';
import { dueShard, projectionShard, rowsKey } from './keys.ts';
import { findMessage, insertMessage, saveMessage } from './messages.ts';
import { commit, put } from './transaction.ts';
import { insertDeliveries, saveDelivery } from './webhook-deliveries.ts';

/** Later than whatever the running system sees to. */
const inYear = (year: number): string => `${year}-01-01T00:00:00.000Z`;

/** What is due of a tenant, shard by shard. */
const dueByShard = async (act: Act, now: string): Promise<Due[][]> => {
  const pages = await Promise.all(dueShards.map((shard) => listDue(shard, DUE_START, now, 1_000)));
  return pages.map(({ due }) => due.filter(({ tenant }) => tenant === act.tenant));
};
const dueOf = async (act: Act, now: string): Promise<Due[]> => (await dueByShard(act, now)).flat();

const addMessage = async (act: Act, dueAt: string | null): Promise<MessageRecord> => {
  const message = outboundMessage(act, ClientIdSchema.parse(act.newId()), { dueAt });
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return message;
};

const entry = (act: Act, { chatId, id }: MessageRecord): Due => ({
  kind: 'message',
  tenant: act.tenant,
  chatId,
  messageId: id,
});

describe('the due index', () => {
  it('lists messages and channels once their time has come, wherever they are', async () => {
    const act = newAct();
    const messages = await Promise.all(Array.from({ length: 12 }, () => addMessage(act, inYear(2200))));
    const { channel } = await addTwilioChannel(act, { status: 'failing', dueAt: inYear(2200) });
    expect(await dueOf(act, '2199-12-31T23:59:59.999Z')).toEqual([]);
    const due = await dueOf(act, inYear(2200));
    expect(due).toHaveLength(13);
    expect(due).toEqual(expect.arrayContaining(messages.map((message) => entry(act, message))));
    expect(due).toContainEqual({ kind: 'channel', tenant: act.tenant, channelId: channel.id });
  });

  it('lists a chat’s messages in one shard, longest due first', async () => {
    const act = newAct();
    const chatId = ClientIdSchema.parse(act.newId());
    const [late, early] = [2202, 2201].map((year) => outboundMessage(act, chatId, { dueAt: inYear(year) }));
    if (late === undefined || early === undefined) throw new Error('unreachable');
    await commit(act.tenant, [insertMessage(act.tenant, late), insertMessage(act.tenant, early)]);
    const own = (await dueByShard(act, inYear(2300))).filter((shard) => shard.length > 0);
    expect(own).toEqual([[entry(act, early), entry(act, late)]]);
  });

  it('lists clients whose segments time changes together, behind no message', async () => {
    const act = newAct();
    const ids = Array.from({ length: 4 }, () => ClientIdSchema.parse(act.newId().replace(/.$/, '3')));
    const rows = ids.map((id) =>
      put({ ...rowsKey(act.tenant, id), gsi4pk: projectionShard(id), gsi4sk: `${inYear(2204)}#${id}` }),
    );
    await commit(act.tenant, rows);
    const message = await addMessage(act, inYear(2204));
    const own = (await dueByShard(act, inYear(2300))).filter((shard) => shard.length > 0);
    expect(own).toEqual([
      [entry(act, message)],
      [{ kind: 'projection', tenant: act.tenant, clientIds: ids.toSorted() }],
    ]);
  });

  it('lists deliveries to other systems behind no message either', async () => {
    const act = newAct();
    const endpointId = WebhookEndpointIdSchema.parse(act.newId());
    const event = { id: act.newId().replace(/.$/, '3'), type: 'ClientCreated' };
    // Its queue entry leads to nothing.
    const delivery = { ...newDelivery(act, endpointId, event, 'home', 0), nextAttemptAt: inYear(2204), spent: 1 };
    await insertDeliveries(act, [delivery]);
    const message = await addMessage(act, inYear(2204));
    const own = (await dueByShard(act, inYear(2300))).filter((shard) => shard.length > 0);
    expect(own).toEqual([
      [entry(act, message)],
      [{ kind: 'delivery', tenant: act.tenant, endpointId, deliveryId: delivery.id }],
    ]);
    await saveDelivery(act, delivery, { ...delivery, nextAttemptAt: null, state: 'failed', revision: 2 });
    expect(await dueOf(act, inYear(2300))).toEqual([entry(act, message)]);
  });

  it('goes on page by page after the place it came to', async () => {
    const act = newAct();
    const chatId = ClientIdSchema.parse(act.newId());
    const messages = Array.from({ length: 5 }, (_, index) =>
      outboundMessage(act, chatId, { dueAt: inYear(2200 + index) }),
    );
    await commit(
      act.tenant,
      messages.map((message) => insertMessage(act.tenant, message)),
    );
    const seen: string[] = [];
    let place: string | undefined = inYear(2199);
    for (let page = 0; place !== undefined && page < 100; page += 1) {
      const { due, next }: Awaited<ReturnType<typeof listDue>> = await listDue(
        dueShard(chatId),
        place,
        inYear(2300),
        2,
      );
      seen.push(
        ...due.flatMap((each) => (each.kind === 'message' && each.tenant === act.tenant ? [each.messageId] : [])),
      );
      place = next;
    }
    expect(seen).toEqual(messages.map(({ id }) => id));
  });

  it('forgets what is not due any more', async () => {
    const act = newAct();
    const message = await addMessage(act, inYear(2200));
    const { channel } = await addTwilioChannel(act, { dueAt: inYear(2200) });
    await saveMessage(act, message, { next: { ...message, dueAt: null, revision: 2 } });
    await changeChannel(act.tenant, channel, { ...channel, dueAt: null, revision: 2 }, undefined);
    expect(await dueOf(act, inYear(2300))).toEqual([]);
    expect(await findMessage(act.tenant, message.chatId, message.id)).toMatchObject({ dueAt: null });
    await addMessage(act, null);
    expect(await dueOf(act, inYear(2300))).toEqual([]);
  });
});
