import * as fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { newTenantId } from '../../test/support/builders.ts';
import { openCursor, sealCursor } from './cursor.ts';

const tenant = newTenantId();
const start = { pk: `T#${tenant}#CLIENT#1`, sk: 'MESSAGE#1' };
const refused: unknown = expect.objectContaining({ code: 'cursor.invalid' });

const encrypt = (content: unknown, key = process.env.CURSOR_KEY ?? ''): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(new Uint8Array(Buffer.from(key, 'base64')));

describe('a cursor', () => {
  it('gives back where the page begins', async () => {
    const attributes = fc.constantFrom('pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'gsi3pk', 'gsi3sk');
    const keys = fc.dictionary(attributes, fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(keys, fc.string(), async (key, list) => {
        expect(await openCursor(tenant, list, await sealCursor(tenant, list, key))).toEqual(key);
      }),
      { numRuns: 50 },
    );
  });

  it('tells nothing and fits into an address', async () => {
    const cursor = await sealCursor(tenant, 'clients', start);
    expect(cursor).toMatch(/^[\w.-]+$/);
    expect(Buffer.from(cursor, 'base64url').toString()).not.toContain(tenant);
    expect(await sealCursor(tenant, 'clients', start)).not.toBe(cursor);
  });

  it('of another tenant or another list is refused', async () => {
    const cursor = await sealCursor(tenant, 'clients:newest', start);
    await expect(openCursor(newTenantId(), 'clients:newest', cursor)).rejects.toEqual(refused);
    await expect(openCursor(tenant, 'clients:name', cursor)).rejects.toEqual(refused);
  });

  it('that was tampered with is refused, wherever', async () => {
    const cursor = await sealCursor(tenant, 'clients', start);
    await fc.assert(
      fc.asyncProperty(fc.nat(cursor.length - 2), async (position) => {
        const other = cursor[position] === 'A' ? 'B' : 'A';
        const tampered = cursor.slice(0, position) + other + cursor.slice(position + 1);
        await expect(openCursor(tenant, 'clients', tampered)).rejects.toEqual(refused);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['', 'x', '....', 'eyJhbGciOiJub25lIn0..e30..', '"', '\0', 'a'.repeat(4096)])(
    'cannot be %p',
    async (cursor) => {
      await expect(openCursor(tenant, 'clients', cursor)).rejects.toEqual(refused);
    },
  );

  it('of another key, or that holds something else, is refused', async () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    for (const cursor of [
      await encrypt({ tenant, list: 'clients', start }, key),
      await encrypt({ tenant, list: 'clients', start: { pk: 1 } }),
      await encrypt({ tenant, list: 'clients' }),
      await encrypt(null),
    ]) {
      await expect(openCursor(tenant, 'clients', cursor)).rejects.toEqual(refused);
    }
  });
});
