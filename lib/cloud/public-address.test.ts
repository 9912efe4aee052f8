import { canBeTold, lookUpPublic, PrivateAddress } from './public-address.ts';
import { postWebhook, retryAfterOf } from './post-webhook.ts';

describe('an address of another system', () => {
  it.each([
    'https://example.com/hook?token=x',
    'https://example.com.:8443/hook',
    'https://example.com:443/hook',
    'https://1.1.1.1/hook',
    'https://[2606:4700::1111]/hook',
  ])('may be %s', (url) => {
    expect(canBeTold(new URL(url))).toBe(true);
  });

  it.each([
    'http://example.com/hook',
    'ftp://example.com/hook',
    'https://user@example.com/',
    'https://example.com:22/hook',
    'https://localhost./hook',
    'https://intranet/hook',
    'https://x.internal./hook',
    'https://0x0a.1/hook',
    'https://0.0.0.0/hook',
    'https://100.64.0.1/hook',
    'https://192.0.2.1/hook',
    'https://224.0.0.1/hook',
    'https://[::]/hook',
    'https://[::10.0.0.1]/hook',
    'https://[::ffff:7f00:1]/hook',
    'https://[64:ff9b::a00:1]/hook',
    'https://[64:ff9b:1::a00:1]/hook',
    'https://[2002:a00:1::]/hook',
    'https://[fd00::1]/hook',
    'https://[fe80::1]/hook',
    'https://[fec0::1]/hook',
    'https://[ff02::1]/hook',
  ])('may not be %s', (url) => {
    expect(canBeTold(new URL(url))).toBe(false);
  });
});

it('a name that leads to this machine leads nowhere, whatever it seemed to be before', async () => {
  const error = await new Promise((resolve) => {
    lookUpPublic('localhost', { all: true }, resolve);
  });
  expect(error).toBeInstanceOf(PrivateAddress);
});

it('nothing is said to an address that was let in once and is private', async () => {
  const call = { id: 'x', at: new Date(), body: '{}', secrets: [], timeoutMs: 1_000 };
  for (const url of ['https://10.0.0.1/hook', 'https://[::ffff:10.0.0.1]/hook']) {
    expect(await postWebhook({ ...call, url })).toEqual({
      status: null,
      error: 'PrivateAddress',
      retryAfterSeconds: null,
    });
  }
});

it('Retry-After is seconds or a date, and nothing else', () => {
  const now = new Date('2030-01-01T00:00:00.000Z');
  expect(retryAfterOf('120', now)).toBe(120);
  expect(retryAfterOf('Tue, 01 Jan 2030 00:01:00 GMT', now)).toBe(60);
  for (const text of [undefined, '0', '-5', 'soon', 'Mon, 01 Jan 2029 00:00:00 GMT']) {
    expect(retryAfterOf(text, now)).toBeNull();
  }
});
