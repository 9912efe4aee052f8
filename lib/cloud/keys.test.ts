import { newChannelId, newTenantId } from '../../test/support/builders.ts';
import { openCredentials, sealCredentials } from './keys.ts';

const owner = { tenant: newTenantId(), channel: newChannelId() };
const secret = { accountSid: 'AC1', authToken: 'very secret' };

describe('a channel’s credentials', () => {
  it('can be read again by their channel', async () => {
    expect(await openCredentials(owner, await sealCredentials(owner, secret))).toEqual(secret);
  });

  it('tell nothing while they are sealed, and look different every time', async () => {
    const sealed = await sealCredentials(owner, secret);
    const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(parts.join()).not.toContain(secret.authToken);
    expect(await sealCredentials(owner, secret)).not.toBe(sealed);
  });

  it('cannot be read as another channel’s or another tenant’s', async () => {
    const sealed = await sealCredentials(owner, secret);
    // Known already: what was opened once is kept in memory, for its owner only.
    await openCredentials(owner, sealed);
    for (const other of [
      { ...owner, channel: newChannelId() },
      { ...owner, tenant: newTenantId() },
    ]) {
      await expect(openCredentials(other, sealed)).rejects.toThrow('another channel');
    }
  });

  it('cannot be given another owner by changing what is stored', async () => {
    const sealed = await sealCredentials(owner, secret);
    const other = { ...owner, tenant: newTenantId() };
    const [, ...rest] = sealed.split('.');
    const header = { alg: 'dir', enc: 'A256GCM', ...other };
    const moved = [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.');
    await expect(openCredentials(other, moved)).rejects.toThrow();
    await expect(openCredentials(owner, sealed.slice(0, -2))).rejects.toThrow();
  });
});
