import { createServer } from 'node:http';
import { once } from 'node:events';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import type { Caller } from './auth.ts';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'parley';
const claims = { sub: 'ana', tenant_id: 'shop', role: 'agent', name: 'Ana' };

/** An issuer of our own, which can be made to sign anything. */
const startIssuer = async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' }];
  const server = createServer((_, response) => response.end(JSON.stringify({ keys }))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { privateKey, publicKey, server, jwksUri: `http://127.0.0.1:${String(port)}/jwks` };
};

interface Signing {
  readonly key?: CryptoKey;
  readonly kid?: string;
  readonly issuer?: string;
  /** `null`: none. */
  readonly audience?: string | string[] | null;
  /** Seconds from now. */
  readonly expires?: number;
  readonly notBefore?: number;
}

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let authenticate: (authorization: string | undefined) => Promise<Caller>;

const sign = (payload: Readonly<Record<string, unknown>>, signing: Signing = {}): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ ...payload })
    .setProtectedHeader({ alg: 'RS256', kid: signing.kid ?? 'key-1' })
    .setIssuer(signing.issuer ?? ISSUER)
    .setExpirationTime(now + (signing.expires ?? 60));
  if (signing.audience !== null) token.setAudience(signing.audience ?? AUDIENCE);
  if (signing.notBefore !== undefined) token.setNotBefore(now + signing.notBefore);
  return token.sign(signing.key ?? issuer.privateKey);
};

const expectRefused = async (token: string): Promise<void> => {
  await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token.invalid' });
};

beforeAll(async () => {
  issuer = await startIssuer();
  Object.assign(process.env, { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWKS_URI: issuer.jwksUri });
  ({ authenticate } = await import('./auth.ts'));
});
afterAll(() => {
  issuer.server.close();
});

describe('a token', () => {
  it('of the issuer says who is calling', async () => {
    const caller = { tenant: 'shop', userId: 'ana', role: 'agent', name: 'Ana', email: null, issuedAt: 0 };
    expect(await authenticate(`Bearer ${await sign(claims)}`)).toMatchObject(caller);
    const said = { email: 'ana@example.com', iat: 1_700_000_000.5 };
    expect(await authenticate(`Bearer ${await sign({ ...claims, ...said })}`)).toMatchObject({
      ...caller,
      email: said.email,
      issuedAt: 1_700_000_000,
    });
    expect(await authenticate(`bearer ${await sign({ ...claims, name: undefined })}`)).toMatchObject({
      ...caller,
      name: null,
    });
  });

  it('may be for several, or name its client instead of an audience as Cognito does', async () => {
    await expect(
      authenticate(`Bearer ${await sign(claims, { audience: ['other', AUDIENCE] })}`),
    ).resolves.toBeDefined();
    const cognito = await sign({ ...claims, client_id: AUDIENCE }, { audience: null });
    await expect(authenticate(`Bearer ${cognito}`)).resolves.toBeDefined();
    await expectRefused(await sign({ ...claims, client_id: AUDIENCE }, { audience: 'other' }));
  });

  it.each<[string, Signing]>([
    ['that has expired', { expires: -60 }],
    ['that is not valid yet', { notBefore: 600 }],
    ['for another audience', { audience: 'other' }],
    ['for nobody', { audience: null }],
    ['of another issuer', { issuer: 'https://other.example' }],
    ['of a key that the issuer does not have', { kid: 'key-2' }],
  ])('%s is refused', async (_, signing) => {
    await expectRefused(await sign(claims, signing));
  });

  it('that has expired says so, and a forged one does not say what is wrong with it', async () => {
    const expired = authenticate(`Bearer ${await sign(claims, { expires: -60 })}`);
    await expect(expired).rejects.toThrow('The access token has expired.');
    const forged = authenticate(`Bearer ${await sign(claims, { issuer: 'https://other.example' })}`);
    await expect(forged).rejects.toThrow('The access token is not valid.');
  });

  it('signed by somebody else under the issuer’s key id is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    await expectRefused(await sign(claims, { key: privateKey }));
  });

  it('without a signature is refused', async () => {
    const unsigned = new UnsecuredJWT(claims).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1h').encode();
    await expectRefused(unsigned);
    const [, payload = ''] = (await sign(claims)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'key-1' })).toString('base64url');
    await expectRefused(`${header}.${payload}.`);
    await expectRefused(`${header}.${payload}`);
  });

  it('signed with the public key as a shared secret is refused', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(issuer.publicKey)));
    const confused = new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime('1h');
    await expectRefused(await confused.sign(secret));
  });

  it('whose claims were changed is refused', async () => {
    const [header = '', , signature = ''] = (await sign(claims)).split('.');
    const payload = { ...claims, role: 'admin', iss: ISSUER, aud: AUDIENCE, exp: 9_999_999_999 };
    await expectRefused([header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.'));
  });

  it.each([
    ['no sub', { sub: undefined }],
    ['no tenant', { tenant_id: undefined }],
    ['no role', { role: undefined }],
    ['a role that there is not', { role: 'root' }],
    ['several roles', { role: ['admin'] }],
    ['a tenant of another form', { tenant_id: 'Shop#1' }],
    ['an empty tenant', { tenant_id: '' }],
    ['a very long sub', { sub: 'x'.repeat(129) }],
  ])('with %s is refused', async (_, changes) => {
    await expectRefused(await sign({ ...claims, ...changes }));
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer a b',
    'Bearer x',
    'Bearer a.b.c',
    'Bearer <script>',
  ])('cannot be %p', async (authorization) => {
    await expect(authenticate(authorization)).rejects.toMatchObject({ code: 'token.invalid' });
  });
});
