import { ClientSchema } from '../../lib/contract/clients.ts';
import { deliver } from '../../lib/messaging/deliver.ts';
import { recordFinding } from '../../lib/messaging/findings.ts';
import { read } from '../support/answers.ts';
import { merged } from '../support/merging.ts';
import { actIn, dispatchOf, plant } from './inside.ts';
import { openSms, openTelegram, patiently } from './support.ts';

it.concurrent.each([
  ['twilio', openSms],
  ['telegram', openTelegram],
] as const)('a message of %s to a client that opted out after it was queued is not sent', async (_, open) => {
  const scene = await open();
  const { admin } = scene.tenant;
  const message = await plant(scene, 'too late');
  const path = `/crm/clients/${message.clientId}`;
  const { contacts } = read(await admin.get(path), 200, ClientSchema);
  const consent = { contactId: contacts[0]?.id ?? null, purpose: 'service', status: 'opted-out' };
  expect((await admin.put(`${path}/consents`, consent)).status).toBe(200);
  expect(await deliver(actIn(scene), dispatchOf(scene, message))).toEqual({ done: true });
  const failed = await scene.tenant.message(message);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'contact.opted-out' } });
  await scene.announced(message, ['MessageFailed']);
  expect(await deliver(actIn(scene), dispatchOf(scene, message))).toEqual({ done: true });
  expect(await scene.requests('too late')).toEqual([]);
  expect(await scene.tenant.message(message)).toEqual(failed);
});

it.concurrent('a message that waits for its provider is not sent once its client has written STOP', async () => {
  const scene = await openSms();
  await scene.fault({ rateLimitRate: 1 });
  const message = await scene.say('too late');
  await patiently(async () => expect(await scene.requests('too late')).not.toEqual([]));
  expect(await scene.hear('СТОП')).toEqual([200]);
  const failed = await scene.becomes(message, 'failed');
  expect(failed.error).toMatchObject({ code: 'contact.opted-out' });
  expect(await scene.received()).toEqual([]);
});

it.concurrent('a message to a client that was merged into another is not sent once that one opted out', async () => {
  const scene = await openSms();
  const { tenant } = scene;
  const message = await plant(scene, 'too late');
  const [survivor, absorbed] = [await tenant.addClient(), { id: message.clientId }];
  await merged(tenant, survivor, absorbed);
  expect(await scene.hear('STOP')).toEqual([200]);
  expect(await deliver(actIn(scene), dispatchOf(scene, message))).toEqual({ done: true });
  const { error } = await tenant.message({ chatId: survivor.id, id: message.id });
  expect(error).toMatchObject({ code: 'contact.opted-out' });
  expect(await scene.requests('too late')).toEqual([]);
});

it('a refusal that is reported late does not undo a START that came after the attempt', async () => {
  const scene = await openSms();
  await scene.fault({ dropCallbacks: 1 });
  const act = actIn(scene);
  const attempt = async (text: string) => {
    const message = await plant(scene, text);
    await deliver(act, dispatchOf(scene, message));
    return message;
  };
  const refuse = async ({ chatId, clientId, id }: Awaited<ReturnType<typeof attempt>>) => {
    const error = { code: '21610', detail: 'unsubscribed' };
    const finding = { status: 'failed', attempt: 1, providerMessageId: null, error, optedOut: true } as const;
    expect((await recordFinding(act, chatId, id, finding))?.status).toBe('failed');
    return read(await scene.tenant.admin.get(`/crm/clients/${clientId}`), 200, ClientSchema).phoneOptedOut;
  };
  const before = await attempt('before START');
  expect(await scene.hear('START')).toEqual([200]);
  expect(await refuse(before)).toBe(false);
  expect(await refuse(await attempt('after START'))).toBe(true);
});
