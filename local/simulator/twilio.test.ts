import twilio from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';
import { twilioProvider } from '../../lib/providers/twilio/twilio.ts';
import type { OutboundMessage } from '../../lib/providers/provider.ts';
import { startTestSystem, type TestSystem, twilioCredentials } from './test-system.ts';

/** The whole official client, sent to the simulator by a custom HTTP client as Twilio documents it. */
class Redirected extends RequestClient {
  readonly #url: string;

  constructor(url: string) {
    super();
    this.#url = url;
  }

  override request<Data>(options: RequestClient.RequestOptions<Data>) {
    return super.request({ ...options, uri: options.uri.replace('https://api.twilio.com', this.#url) });
  }
}

const officialClient = ({ simulator }: TestSystem) => {
  const { accountSid, authToken } = twilioCredentials;
  return twilio(accountSid, authToken, { httpClient: new Redirected(simulator.url) });
};

const message = (system: TestSystem, changes: Partial<OutboundMessage> = {}): OutboundMessage => ({
  transport: 'sms',
  from: '+15005550006',
  to: '+14155550123',
  text: 'Hello',
  media: [],
  statusCallbackUrl: `${system.api}/crm/webhooks/twilio/sms/status?message=1`,
  ...changes,
});
const providerOf = ({ simulator }: TestSystem, timeoutMs = 2_000) =>
  twilioProvider({ apiBase: simulator.url, timeoutMs });
const reports = (system: TestSystem) =>
  system.webhooks.map((webhook) => providerOf(system).parseReport(webhook)?.status);

describe('the simulated Twilio', () => {
  it('works with the official client: send, fetch, list, account, errors', async () => {
    await using system = await startTestSystem();
    const client = officialClient(system);
    const sent = await client.messages.create({ to: '+14155550123', from: '+15005550006', body: 'Hello' });
    expect(sent).toMatchObject({ status: 'queued', direction: 'outbound-api', body: 'Hello', errorCode: null });
    expect(sent.dateCreated).toBeInstanceOf(Date);
    await client.messages.create({ to: '+14155550123', from: '+15005550006', body: 'Again' });
    await client.messages.create({ to: '+14155550999', from: '+15005550006', body: 'Other' });
    expect((await client.messages(sent.sid).fetch()).sid).toBe(sent.sid);
    const listed = await client.messages.list({ to: '+14155550123', dateSentAfter: new Date(), pageSize: 1 });
    expect(listed.map(({ body }) => body)).toEqual(['Again', 'Hello']);
    expect(await client.messages.list({ dateSentAfter: new Date(Date.now() + 86_400_000) })).toEqual([]);
    expect((await client.api.accounts(twilioCredentials.accountSid).fetch()).status).toBe('active');
    await expect(client.messages.create({ to: '+15005550001', from: '+15005550006', body: 'x' })).rejects.toMatchObject(
      {
        status: 400,
        code: 21211,
      },
    );
    await expect(client.messages('SM0').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  it('reports queued, sent and delivered with a signature that holds, and read when asked', async () => {
    await using system = await startTestSystem();
    const whatsapp = message(system, { transport: 'whatsapp' });
    expect(await providerOf(system).send(twilioCredentials, whatsapp)).toMatchObject({ kind: 'accepted' });
    await system.received(3);
    expect(reports(system)).toEqual([undefined, 'sent', 'delivered']);
    expect((await system.call('POST', '/simulator/read', { to: '+14155550123' })).body).toEqual({ read: 1 });
    expect(reports(system).at(-1)).toBe('read');
    for (const webhook of system.webhooks) {
      expect(webhook.url).toBe(whatsapp.statusCallbackUrl);
      const { accountSid, authToken } = twilioCredentials;
      expect(
        twilio.validateRequest(
          authToken,
          webhook.headers['x-twilio-signature'] ?? '',
          webhook.url,
          Object.fromEntries(new URLSearchParams(webhook.body)),
        ),
      ).toBe(true);
      expect(providerOf(system).verify({ accountSid, authToken: 'another' }, webhook)).toBe(false);
    }
  });

  it('fails what cannot be delivered, later', async () => {
    await using system = await startTestSystem();
    await providerOf(system).send(twilioCredentials, message(system, { to: '+15005550011' }));
    const last = (await system.received(3)).at(-1);
    expect(last && providerOf(system).parseReport(last)).toMatchObject({ status: 'failed', error: { code: '30003' } });
  });

  it('refuses wrong credentials and opted-out numbers', async () => {
    await using system = await startTestSystem();
    const provider = providerOf(system);
    const wrong = { ...twilioCredentials, authToken: 'invalid-token' };
    expect(await provider.probe(wrong)).toBe('unusable');
    expect(await provider.send(wrong, message(system))).toMatchObject({ kind: 'channel-fault', code: '20003' });
    await system.call('POST', '/simulator/inbound', {
      provider: 'twilio',
      channelId: 'sms',
      from: '+14155550123',
      text: 'Stop',
    });
    expect(await provider.send(twilioCredentials, message(system))).toMatchObject({
      kind: 'refused',
      code: '21610',
      optedOut: true,
    });
    await system.call('POST', '/simulator/inbound', {
      provider: 'twilio',
      channelId: 'sms',
      from: '+14155550123',
      text: 'START',
    });
    expect(await provider.send(twilioCredentials, message(system))).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    [{ rejectRate: 1 }, { kind: 'refused' }, 0, 0],
    [{ errorRate: 1 }, { kind: 'ambiguous' }, 0, 0],
    [{ rateLimitRate: 1, retryAfterSeconds: 9 }, { kind: 'rate-limited', retryAfterSeconds: 9 }, 0, 0],
    [{ acceptThenErrorRate: 1 }, { kind: 'ambiguous' }, 1, 1],
    [{ acceptThenHangRate: 1, hangMs: 5_000 }, { kind: 'ambiguous' }, 1, 1],
    [{ hangRate: 1, hangMs: 5_000 }, { kind: 'ambiguous' }, 0, 0],
  ])('with %o makes a send come to %o', async (faults, outcome, accepted, found) => {
    await using system = await startTestSystem();
    const provider = providerOf(system, 300);
    const since = new Date().toISOString();
    await system.call('PUT', '/simulator/faults', { provider: 'twilio', ...faults });
    expect(await provider.send(twilioCredentials, message(system))).toMatchObject(outcome);
    const { body } = await system.call('GET', '/simulator/outbox?to=+14155550123&provider=twilio');
    expect(body).toMatchObject({ items: [{ text: 'Hello', to: '+14155550123', times: 1, accepted }] });
    const search = await provider.findSent?.(twilioCredentials, { ...message(system), files: 0, since });
    expect(search?.kind === 'listed' && search.providerMessageIds).toHaveLength(found);
    await system.call('DELETE', '/simulator/faults');
    expect(await provider.send(twilioCredentials, message(system))).toMatchObject({ kind: 'accepted' });
    const again = await system.call('GET', '/simulator/outbox?to=%2B14155550123');
    expect(again.body).toMatchObject({ items: [{ times: 2, accepted: accepted + 1 }] });
  });

  it('misbehaves for one address alone, and as often as it was told', async () => {
    await using system = await startTestSystem();
    const provider = providerOf(system);
    const send = (to: string) => provider.send(twilioCredentials, { ...message(system), to });
    await system.call('PUT', '/simulator/faults', { provider: 'twilio', to: '+14155550123', errorRate: 1, times: 2 });
    expect(await send('+14155550199')).toMatchObject({ kind: 'accepted' });
    expect(await send('+14155550123')).toMatchObject({ kind: 'ambiguous' });
    expect(await send('+14155550123')).toMatchObject({ kind: 'ambiguous' });
    expect(await send('+14155550123')).toMatchObject({ kind: 'accepted' });
  });

  it('doubles, shuffles and drops callbacks', async () => {
    await using system = await startTestSystem();
    const fault = (changes: object) =>
      system.call('PUT', '/simulator/faults', { provider: 'twilio', callbackDelayMs: 5, ...changes });
    await fault({ duplicateCallbacks: true, shuffleCallbacks: true });
    await providerOf(system).send(twilioCredentials, message(system));
    await system.received(6);
    expect(reports(system).map(String).toSorted()).toEqual([
      'delivered',
      'delivered',
      'sent',
      'sent',
      'undefined',
      'undefined',
    ]);
    await fault({ dropCallbacks: 1 });
    await providerOf(system).send(twilioCredentials, message(system));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(system.webhooks).toHaveLength(6);
  });

  it('remembers after a restart, and goes on reporting', async () => {
    await using system = await startTestSystem();
    await system.call('PUT', '/simulator/faults', { provider: 'twilio', callbackDelayMs: 60_000 });
    const outcome = await providerOf(system).send(twilioCredentials, message(system));
    const before = await system.call('GET', '/simulator/outbox');
    await system.restart();
    expect((await system.call('GET', '/simulator/outbox')).body).toEqual(before.body);
    await system.received(3);
    expect(reports(system)).toEqual([undefined, 'sent', 'delivered']);
    expect(outcome.kind).toBe('accepted');
    await system.call('DELETE', '/simulator/outbox');
    expect((await system.call('GET', '/simulator/outbox')).body).toEqual({ items: [] });
  });
});
