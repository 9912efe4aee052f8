import { newTenant, token } from './support/client.ts';

describe("when the issuer's keys cannot be had", () => {
  it('a good token is not called a bad one', async () => {
    const authorization = `Bearer ${await token({ tenant: newTenant() })}`;
    // Nothing listens on port 1.
    process.env.JWKS_URI = 'http://127.0.0.1:1/jwks';
    const { authenticate } = await import('../lib/runtime/auth.ts');
    await expect(authenticate(authorization)).rejects.toMatchObject({ code: 'service.unavailable' });
  });
});
