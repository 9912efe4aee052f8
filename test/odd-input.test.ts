import { pointersOf, problemOf } from './support/answers.ts';
import { api } from './support/client.ts';
import { newPhone, newTwilioCredentials, unique } from './support/random.ts';
import { deadLettersOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';
import { addressOf, postTwilio, smsForm } from './support/webhooks.ts';

const withSms = async () => {
  const tenant = await openTenant();
  const credentials = newTwilioCredentials();
  return { tenant, credentials, sms: await tenant.connectTwilio('sms', credentials) };
};

describe('a webhook that is signed', () => {
  // WhatsApp writes Mexican mobiles with a 1 that is in no number plan; the others have a length that went out of use.
  it.each(['+5215512345678', '+22501234567', '+266696687', '+781249350314'])(
    'is taken from %s, whatever number plans say, and its sender stays one client',
    async (from) => {
      const { tenant, sms } = await withSms();
      await tenant.receive(sms, { from, text: 'Hola' });
      await tenant.receive(sms, { from, text: 'Otra vez' });
      expect((await tenant.onlyChat()).unreadCount).toBe(2);
    },
  );

  it('and too large to be stored is acknowledged and kept', async () => {
    const { tenant, credentials, sms } = await withSms();
    const Body = unique('x').repeat(40_000);
    const form = smsForm({ From: newPhone(), To: sms.address, Body });
    expect((await postTwilio(addressOf(sms), form, credentials.authToken)).status).toBe(200);
    expect(await deadLettersOf(tenant.id)).toMatchObject([{ source: 'webhook', reason: 'It could not be handled.' }]);
  });
});

describe('a body', () => {
  it('with a name that objects have anyway is refused, not lost on the way', async () => {
    const { admin } = await openTenant();
    const constructed = await admin.post('/crm/clients', { firstName: 'Olim', customFields: { constructor: 'x' } });
    expect(pointersOf(problemOf(constructed, 400, 'request.invalid'))).toEqual(['/customFields/constructor']);
    const json = '{"firstName":"Olim","customFields":{"__proto__":"x"}}';
    problemOf(await admin.post('/crm/clients', json), 400, 'request.malformed');
  });

  it('with half a character is refused', async () => {
    const { admin } = await openTenant();
    problemOf(await admin.post('/crm/clients', '{"firstName":"\\ud800x"}'), 400, 'request.malformed');
    const whole = await admin.post('/crm/clients', '{"firstName":"\\ud83d\\ude00"}');
    expect(whole.body).toMatchObject({ firstName: '😀' });
  });

  it('with more custom fields than an event can carry is refused', async () => {
    const { admin } = await openTenant();
    const customFields = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, 'ю'.repeat(1_000)]));
    const answer = await admin.post('/crm/clients', { firstName: 'Olim', customFields });
    expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual(['/customFields']);
  });
});

it.each(['constructor', 'toString', '__proto__'])('there is no documentation file %s', async (name) => {
  problemOf(await api().get(`/docs/${name}`), 404, 'route.not-found');
});

it('the latest message of a chat is the latest, however many come at once', async () => {
  const { tenant, sms } = await withSms();
  const from = newPhone();
  await tenant.receive(sms, { from, text: 'First' });
  await Promise.all(Array.from({ length: 12 }, () => tenant.receive(sms, { from, text: unique('Hi') })));
  const chat = await tenant.onlyChat();
  expect(chat.unreadCount).toBe(13);
  expect(chat.lastMessage?.id).toBe(chat.messages[0]?.id);
  expect(chat.lastMessageAt).toBe(chat.messages[0]?.createdAt);
});
