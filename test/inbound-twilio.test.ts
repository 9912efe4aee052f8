import { problemOf } from './support/answers.ts';
import { sharedUrls, simulator } from './support/client.ts';
import { newPhone, newTwilioCredentials, unique } from './support/random.ts';
import { deadLettersOf, keysOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';
import { addressOf, postForm, postTwilio, smsForm } from './support/webhooks.ts';

const BARE = `${sharedUrls().api}/crm/webhooks/twilio`;

const withSms = async () => {
  const tenant = await openTenant();
  const credentials = newTwilioCredentials();
  const sms = await tenant.connectTwilio('sms', credentials);
  const form = (fields: Record<string, string> = {}) =>
    smsForm({ From: newPhone(), To: sms.address, AccountSid: credentials.accountSid, ...fields });
  return { tenant, credentials, sms, form };
};

describe('an SMS', () => {
  it('of a stranger makes a client, a chat and a message', async () => {
    const { tenant, sms } = await withSms();
    const phone = newPhone();
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    const chat = await tenant.onlyChat();
    expect(chat).toMatchObject({
      clientId: chat.id,
      client: { firstName: phone, lastName: null },
      status: 'open',
      unreadCount: 1,
      lastMessage: { direction: 'inbound', text: 'Salom', transport: 'sms' },
    });
    expect(chat.messages).toMatchObject([
      {
        chatId: chat.id,
        clientId: chat.id,
        direction: 'inbound',
        transport: 'sms',
        channelId: sms.id,
        sender: { type: 'sms', address: phone },
        text: 'Salom',
        attachments: [],
        status: 'received',
        readAt: null,
      },
    ]);
    expect(chat.messages[0]?.providerMessageId).toMatch(/^SM[0-9a-f]{32}$/);
    expect(chat.members).toMatchObject([{ type: 'sms', address: phone, channelId: sms.id, userId: null }]);
    expect((await tenant.admin.get(`/crm/clients/${chat.id}`)).body).toMatchObject({ phone, firstName: phone });
  });

  it('of a known phone is in that client’s chat, whichever of its contacts it is', async () => {
    const { tenant, sms } = await withSms();
    const [phone, second] = [newPhone(), newPhone()];
    const contacts = [{ type: 'whatsapp', value: second }];
    const client = await tenant.addClient({ firstName: 'Olim', lastName: 'Karimov', phone, contacts });
    for (const from of [phone, second, phone]) await tenant.receive(sms, { from, text: `from ${from}` });
    const chat = await tenant.onlyChat();
    expect(chat).toMatchObject({ id: client.id, client: { firstName: 'Olim', lastName: 'Karimov' }, unreadCount: 3 });
    expect(chat.messages.map(({ text }) => text)).toEqual([phone, second, phone].map((from) => `from ${from}`));
    expect(chat.members).toHaveLength(2);
  });

  it('of a client that was deleted makes a new one', async () => {
    const { tenant, sms } = await withSms();
    const phone = newPhone();
    const former = await tenant.addClient({ phone });
    await tenant.admin.delete(`/crm/clients/${former.id}`);
    await tenant.receive(sms, { from: phone, text: 'Still there?' });
    expect((await tenant.onlyChat()).id).not.toBe(former.id);
  });

  it('with media has every file as an attachment', async () => {
    const { tenant, sms } = await withSms();
    const media = [
      { contentType: 'image/jpeg', base64: btoa('a') },
      { contentType: 'application/pdf', base64: btoa('b') },
    ];
    await tenant.receive(sms, { from: newPhone(), text: 'See', media });
    await tenant.receive(sms, { from: newPhone(), media: media.slice(0, 1) });
    const [only, both] = await Promise.all((await tenant.chats()).map(({ id }) => tenant.chat(id)));
    expect(both?.messages).toMatchObject([
      {
        text: 'See',
        attachments: [
          { name: 'attachment-1.jpg', error: null },
          { name: 'attachment-2.pdf', error: null },
        ],
      },
    ]);
    expect(only?.messages).toMatchObject([{ text: '', attachments: [{ name: 'attachment-1.jpg' }] }]);
  });

  it('that comes five times at once, and once more later, is one message', async () => {
    const { tenant, sms } = await withSms();
    const message = { from: newPhone(), text: 'Once', sid: `SM${'a1'.repeat(16)}` };
    await tenant.receive(sms, { ...message, times: 5 });
    await tenant.receive(sms, message);
    const chat = await tenant.onlyChat();
    expect(chat.unreadCount).toBe(1);
    expect(chat.messages).toHaveLength(1);
  });

  it('is one of twenty first messages of one stranger at once: all are in one chat', async () => {
    const { tenant, sms } = await withSms();
    const from = newPhone();
    const texts = Array.from({ length: 20 }, (_, index) => `Message ${index}`);
    await Promise.all(texts.map((text) => tenant.receive(sms, { from, text })));
    const chat = await tenant.onlyChat();
    expect(chat.unreadCount).toBe(20);
    expect(new Set(chat.messages.map(({ text }) => text))).toEqual(new Set(texts));
  });

  it('finds its channel on the bare path by account and number', async () => {
    const { tenant, credentials, form } = await withSms();
    expect((await postTwilio(BARE, form({ Body: 'Bare' }), credentials.authToken)).status).toBe(200);
    expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'Bare' }]);
  });

  it('is acknowledged with TwiML that says nothing', async () => {
    const { credentials, sms, form } = await withSms();
    const answer = await postTwilio(addressOf(sms), form(), credentials.authToken);
    expect(answer.headers.get('content-type')).toContain('text/xml');
    expect(answer.body).toBe('<Response></Response>');
  });
});

describe('a WhatsApp message', () => {
  it('tells its writer’s name', async () => {
    const tenant = await openTenant();
    const whatsapp = await tenant.connectTwilio('whatsapp');
    const phone = newPhone();
    await tenant.receive(whatsapp, { from: `whatsapp:${phone}`, name: 'Gulnora Toʻxtayeva', text: 'Salom' });
    const chat = await tenant.onlyChat();
    expect(chat.client).toEqual({ firstName: 'Gulnora', lastName: 'Toʻxtayeva' });
    expect(chat.messages).toMatchObject([{ transport: 'whatsapp', sender: { type: 'whatsapp', address: phone } }]);
  });

  it('of the number that also wrote an SMS is in the same chat of the same client', async () => {
    const tenant = await openTenant();
    const [sms, whatsapp] = [await tenant.connectTwilio('sms'), await tenant.connectTwilio('whatsapp')];
    const phone = newPhone();
    await Promise.all([
      tenant.receive(sms, { from: phone, text: 'by SMS' }),
      tenant.receive(whatsapp, { from: `whatsapp:${phone}`, name: 'Olim', text: 'by WhatsApp' }),
    ]);
    const chat = await tenant.onlyChat();
    expect(new Set(chat.messages.map(({ transport }) => transport))).toEqual(new Set(['sms', 'whatsapp']));
    expect(chat.members).toHaveLength(1);
  });

  it('that shares a place says where', async () => {
    const tenant = await openTenant();
    const whatsapp = await tenant.connectTwilio('whatsapp');
    const fields = { Latitude: '41.31', Longitude: '69.24', Label: 'Chorsu' };
    await tenant.receive(whatsapp, { from: newPhone(), fields });
    expect((await tenant.onlyChat()).messages[0]?.text).toContain('Chorsu (41.31, 69.24)');
  });
});

describe('a Twilio webhook', () => {
  const expectNothingNew = async (tenant: Tenant, before: readonly string[]): Promise<void> => {
    expect(await tenant.chats()).toEqual([]);
    expect(await keysOf(tenant.id)).toEqual(before);
  };

  it('that is not signed, or by somebody else, or for other words, is refused, and nothing is written', async () => {
    const { tenant, credentials, sms, form } = await withSms();
    const before = await keysOf(tenant.id);
    const [url, sent] = [addressOf(sms), form()];
    const refused = [
      postForm(url, sent),
      postForm(url, sent, { 'x-twilio-signature': '' }),
      postForm(url, sent, { 'x-twilio-signature': 'bm9uc2Vuc2U=' }),
      postTwilio(url, sent, 'another token'),
      postTwilio(url, sent, ''),
      postTwilio(`${url}/status`, sent, 'another token'),
      postTwilio(url.replace(sms.id, '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10'), sent, credentials.authToken),
      postTwilio(url.replace(sms.id, 'nonsense'), sent, credentials.authToken),
      postForm(BARE, form({ To: newPhone() })),
      postTwilio(BARE, form({ To: newPhone() }), credentials.authToken),
      postForm(BARE, {}),
    ];
    for (const answer of await Promise.all(refused)) problemOf(answer, 401, 'webhook.forged');
    await expectNothingNew(tenant, before);
  });

  it("that is signed for another tenant's channel is refused", async () => {
    const [mine, theirs] = await Promise.all([withSms(), withSms()]);
    const before = await keysOf(theirs.tenant.id);
    const answer = await postTwilio(addressOf(theirs.sms), theirs.form(), mine.credentials.authToken);
    problemOf(answer, 401, 'webhook.forged');
    await expectNothingNew(theirs.tenant, before);
    // Who signs with an own token only ever reaches the own tenant.
    const known = newPhone();
    const client = await theirs.tenant.addClient({ phone: known });
    await mine.tenant.receive(mine.sms, { from: known, text: 'Hello' });
    expect((await mine.tenant.onlyChat()).id).not.toBe(client.id);
    expect(await theirs.tenant.chats()).toEqual([]);
  });

  it('of another content type is refused', async () => {
    const { tenant, sms } = await withSms();
    const answer = await tenant.admin.post(new URL(sms.webhookUrl).pathname, { Body: 'Hello' });
    problemOf(answer, 415, 'request.media-type');
  });

  it('that is signed and cannot be parsed is acknowledged, and kept whole and once', async () => {
    const { tenant, credentials, sms } = await withSms();
    const strange = { To: sms.address, Body: unique('strange') };
    const odd = smsForm({ To: sms.address, From: 'messenger:12345', Body: unique('odd') });
    for (const form of [strange, odd, strange]) {
      expect((await postTwilio(addressOf(sms), form, credentials.authToken)).status).toBe(200);
    }
    const letters = await deadLettersOf(tenant.id);
    expect(letters).toHaveLength(2);
    for (const { Body } of [strange, odd]) {
      expect(letters.filter(({ payload }) => String(payload).includes(Body))).toMatchObject([{ source: 'webhook' }]);
    }
    expect(await tenant.chats()).toEqual([]);
  });

  it('about a message that we do not have is acknowledged and changes nothing', async () => {
    const { tenant, credentials, sms } = await withSms();
    const [chat, message] = ['01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10', '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a11'];
    const url = `${addressOf(sms)}/status?chat=${chat}&message=${message}&attempt=1`;
    const form = { MessageSid: `SM${'b2'.repeat(16)}`, MessageStatus: 'delivered' };
    expect((await postTwilio(url, form, credentials.authToken)).status).toBe(200);
    expect(await deadLettersOf(tenant.id)).toEqual([]);
    expect(await tenant.chats()).toEqual([]);
  });

  it('can be played with the number alone', async () => {
    const { tenant, sms } = await withSms();
    const inbound = { provider: 'twilio', address: sms.address, from: newPhone(), text: 'By number' };
    expect((await simulator().inbound(inbound)).body).toMatchObject({ status: 200 });
    expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'By number' }]);
  });
});
