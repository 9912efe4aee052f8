import { deadAddress, startStub } from '../stub-server.ts';
import { twilioProvider } from './twilio.ts';

const credentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'secret-token' };
const reference = `${credentials.accountSid}/MM${'b2'.repeat(16)}/ME${'c3'.repeat(16)}`;
const path = `/2010-04-01/Accounts/${credentials.accountSid}/Messages/MM${'b2'.repeat(16)}/Media/ME${'c3'.repeat(16)}`;

const fetchFrom = (apiBase: string, asked = reference, maxBytes = 100) =>
  twilioProvider({ apiBase, timeoutMs: 500 }).fetchMedia(credentials, asked, maxBytes);

describe('fetching a file from Twilio', () => {
  it('asks as the account, and goes where the answer leads as nobody', async () => {
    await using content = await startStub((_, response) => void response.end('the bytes'));
    await using stub = await startStub((_, response) =>
      response.writeHead(307, { location: `${content.url}/over/there` }).end(),
    );
    expect(await fetchFrom(stub.url)).toEqual({ kind: 'fetched', bytes: Buffer.from('the bytes') });
    expect(stub.requests[0]?.url).toBe(path);
    expect(stub.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`${credentials.accountSid}:secret-token`)}`);
    expect(content.requests[0]?.url).toBe('/over/there');
    expect(content.requests[0]?.headers.authorization).toBeUndefined();
  });

  it.each(['', 'AC1/MM1/ME1', `${reference}/../../..`, `https://elsewhere.example/${reference}`])(
    'refuses to make an address of %j',
    async (asked) => {
      await using stub = await startStub((_, response) => void response.end('the bytes'));
      expect(await fetchFrom(stub.url, asked)).toMatchObject({ kind: 'refused', code: 'attachment.unknown' });
      expect(stub.requests).toHaveLength(0);
    },
  );

  it('reads no more than it may, whatever is announced', async () => {
    await using announced = await startStub((_, response) => {
      response.writeHead(200, { 'content-length': '101' }).end('x'.repeat(101));
    });
    expect(await fetchFrom(announced.url)).toMatchObject({ kind: 'refused', code: 'attachment.too-large' });
    await using endless = await startStub((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(60)), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await fetchFrom(endless.url)).toMatchObject({ kind: 'refused', code: 'attachment.too-large' });
  });

  it.each([
    [404, { kind: 'refused', code: 'attachment.gone' }],
    [401, { kind: 'unavailable', detail: 'the provider answered 401' }],
    [429, { kind: 'unavailable', detail: 'the provider answered 429' }],
    [503, { kind: 'unavailable', detail: 'the provider answered 503' }],
  ])('comes to this with a %s', async (status, result) => {
    await using stub = await startStub((_, response) => void response.writeHead(status).end());
    expect(await fetchFrom(stub.url)).toMatchObject(result);
  });

  it('is tried again later when nobody listens, nobody answers, or it is led in circles', async () => {
    expect(await fetchFrom(await deadAddress())).toEqual({
      kind: 'unavailable',
      detail: 'no connection (ECONNREFUSED)',
    });
    await using hanging = await startStub(() => undefined);
    expect(await fetchFrom(hanging.url)).toMatchObject({ kind: 'unavailable' });
    await using circle = await startStub((_, response) => void response.writeHead(302, { location: '/again' }).end());
    expect(await fetchFrom(circle.url)).toMatchObject({ kind: 'unavailable' });
    expect(circle.requests).toHaveLength(4);
    await using odd = await startStub((_, response) => void response.writeHead(302, { location: 'file:///etc' }).end());
    expect(await fetchFrom(odd.url)).toMatchObject({ kind: 'unavailable' });
  });
});
