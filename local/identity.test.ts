import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { fetchToken } from './http-client.ts';
import { startIdentity, type Identity } from './identity.ts';
import { findFreeBasePort } from './ports.ts';

const directory = mkdtempSync(join(tmpdir(), 'identity-'));
let port: number;
let identity: Identity;

const start = () => startIdentity({ port, directory, audience: 'parley' });

beforeAll(async () => {
  port = await findFreeBasePort();
  identity = await start();
});
afterAll(() => identity.stop());

const verify = async (token: string) => {
  const keys = createRemoteJWKSet(new URL(identity.jwksUri));
  return (await jwtVerify(token, keys, { issuer: identity.issuer, audience: 'parley' })).payload;
};

describe('the identity provider', () => {
  it('gives a signed token with the claims that were asked for', async () => {
    const token = await fetchToken(identity.url, {
      tenant: 'acme',
      user: 'ana',
      role: 'admin',
      name: 'Ana',
      email: 'ana@example.com',
    });
    expect(await verify(token)).toMatchObject({
      sub: 'ana',
      tenant_id: 'acme',
      role: 'admin',
      name: 'Ana',
      email: 'ana@example.com',
    });
  });

  it('makes an agent of tenant demo out of nothing', async () => {
    const claims = await verify(await fetchToken(identity.url, {}));
    expect(claims).toMatchObject({ sub: 'demo-user', tenant_id: 'demo', role: 'agent' });
    expect(claims).not.toHaveProperty('name');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
  });

  it('gives a short-lived token when asked', async () => {
    const claims = await verify(await fetchToken(identity.url, { expires_in: '5' }));
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(5);
  });

  it.each([
    ['a role that does not exist', { role: 'owner' }, 'role'],
    ['a tenant that no key could hold', { tenant: 'Not A Tenant' }, 'tenant'],
    ['a lifetime that is no number', { expires_in: 'soon' }, 'expires_in'],
  ])('refuses %s and says why', async (_, grant, field) => {
    await expect(fetchToken(identity.url, grant)).rejects.toThrow(new RegExp(`"error_description":"${field}: `));
  });

  it('knows its tokens after a restart', async () => {
    const token = await fetchToken(identity.url, { tenant: 'acme' });
    await identity.stop();
    identity = await start();
    expect(await verify(token)).toMatchObject({ tenant_id: 'acme' });
  });
});
