import { answerJson, deadAddress, startStub } from '../stub-server.ts';
import { twilioProvider } from './twilio.ts';

const credentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'secret-token' };
const channel = { address: '+15005550006', transport: 'sms', webhookUrl: 'https://parley.example/hook' } as const;

const providerAt = (apiBase: string) => twilioProvider({ apiBase, timeoutMs: 1_000 });

const answering = (status: number, body: unknown) => startStub((_, response) => answerJson(response, status, body));

describe('connecting a Twilio channel', () => {
  it('asks for the account', async () => {
    await using stub = await answering(200, { sid: credentials.accountSid, status: 'active' });
    expect(await providerAt(stub.url).connect(credentials, channel)).toEqual({
      kind: 'connected',
      address: '+15005550006',
    });
    expect(stub.requests[0]?.url).toBe(`/2010-04-01/Accounts/${credentials.accountSid}.json`);
  });

  it('keeps the plain number of a WhatsApp address, and takes a stand-in without that route', async () => {
    await using stub = await answering(404, {});
    const whatsapp = { ...channel, address: 'whatsapp:+15005550006' };
    expect(await providerAt(stub.url).connect(credentials, whatsapp)).toEqual({
      kind: 'connected',
      address: '+15005550006',
    });
  });

  it.each([undefined, '', '5005550006', 'Parley'])('refuses the address %s', async (address) => {
    const provider = providerAt('http://127.0.0.1:9');
    expect(await provider.connect(credentials, { ...channel, address })).toMatchObject({ kind: 'refused' });
  });

  it('refuses wrong credentials and a closed account', async () => {
    await using wrong = await answering(401, { code: 20003 });
    expect(await providerAt(wrong.url).connect(credentials, channel)).toMatchObject({ kind: 'refused' });
    await using closed = await answering(200, { status: 'closed' });
    expect(await providerAt(closed.url).connect(credentials, channel)).toEqual({
      kind: 'refused',
      detail: 'The Twilio account is closed.',
    });
  });

  it('is unavailable on a 5xx and where there is no answer', async () => {
    await using failing = await answering(500, {});
    expect(await providerAt(failing.url).connect(credentials, channel)).toMatchObject({ kind: 'unavailable' });
    expect(await providerAt(await deadAddress()).connect(credentials, channel)).toMatchObject({ kind: 'unavailable' });
  });
});

describe('probing a Twilio channel', () => {
  it('tells usable from unusable and unavailable', async () => {
    await using fine = await answering(200, { status: 'active' });
    await using wrong = await answering(401, {});
    await using failing = await answering(502, {});
    expect(await providerAt(fine.url).probe(credentials)).toBe('usable');
    expect(await providerAt(wrong.url).probe(credentials)).toBe('unusable');
    expect(await providerAt(failing.url).probe(credentials)).toBe('unavailable');
  });
});
