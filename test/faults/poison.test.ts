import { randomUUID } from 'node:crypto';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { everyDue } from '../../lib/runtime/due.ts';
import { announce } from '../../lib/table/outbox.ts';
import { dueShard } from '../../lib/table/keys.ts';
import { commit } from '../../lib/table/transaction.ts';
import { settle } from '../../lib/messaging/settle.ts';
import { addClient, buildClient, newAct } from '../support/builders.ts';
import { deadLettersOf } from '../support/table.ts';
import { openTenant } from '../support/tenant.ts';
import { addressOf, postTelegram, secretOf } from '../support/webhooks.ts';
import { plant, putRaw, recordOf } from './inside.ts';
import { eventsOf, openSms, patiently } from './support.ts';

describe('a record of the stream that cannot be published', () => {
  it.each([
    ['without an outbox', {}],
    ['with an event that nobody knows', { outbox: { event: { type: 'ClientTeleported' } } }],
    ['with a dispatch to no provider', { outbox: { dispatch: { provider: 'pigeon' } } }],
    ['that is larger as a dead letter than the table takes', { outbox: '"'.repeat(300_000) }],
  ])('%s is kept, and those around it are published', async (_, item) => {
    const act = newAct();
    const before = await addClient(act);
    await putRaw({ pk: `T#${act.tenant}#CLIENT#${before.id}`, sk: `EVENT#${randomUUID()}`, ...item });
    const after = await addClient(act);
    await patiently(async () => {
      const events = await eventsOf(act.tenant);
      expect(events.map(({ subject }) => subject.id)).toEqual([before.id, after.id]);
      expect((await deadLettersOf(act.tenant)).map(({ source }) => source)).toEqual(['stream']);
    });
  });
});

it('publishes events that are together more than one request to the bus may hold', async () => {
  const act = newAct({ correlationId: '?'.repeat(150_000) });
  const clients = Array.from({ length: 10 }, () => buildClient(act));
  await commit(
    act.tenant,
    clients.map((client) => announce(clientEvent(act, 'ClientCreated', client))),
  );
  await patiently(async () => {
    const events = await eventsOf(act.tenant);
    expect(events.map(({ subject }) => subject.id).toSorted()).toEqual(clients.map(({ id }) => id).toSorted());
  });
});

it('keeps a signed webhook that cannot be read, however large, and acknowledges it', async () => {
  const tenant = await openTenant();
  const channel = await tenant.connectTelegram();
  const update = { update_id: 7, message: '?'.repeat(500_000) };
  expect((await postTelegram(addressOf(channel), update, await secretOf(channel))).status).toBe(200);
  const [letter, ...others] = await deadLettersOf(tenant.id);
  expect(letter?.source).toBe('webhook');
  expect(letter?.payload).toMatch(/^s3:/);
  expect(others).toEqual([]);
});

describe('the due job', () => {
  it('sees to what stands behind something that it cannot read', async () => {
    const scene = await openSms();
    const unreadable = { pk: `T#${scene.tenant.id}#INTERACTION`, sk: 'INTERACTION#1', gsi4sk: '2000-01-01' };
    await putRaw({ ...unreadable, gsi4pk: dueShard(scene.parts.chatId) });
    const message = await plant(scene, 'behind', 0);
    await everyDue(settle)();
    expect((await recordOf(scene, message.id)).delivery?.dispatch).toBe(2);
    await scene.becomes(message, 'delivered');
  });
});
