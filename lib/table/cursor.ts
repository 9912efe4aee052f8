import { CompactEncrypt, compactDecrypt } from 'jose';
import * as z from 'zod';
import { environment } from '../config/environment.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';

const key = (): Uint8Array => new Uint8Array(Buffer.from(environment().CURSOR_KEY, 'base64'));

const StartKeySchema = z.record(z.string(), z.string());
const CursorSchema = z.object({ tenant: z.string(), list: z.string(), start: StartKeySchema });

/** Where a page begins in the table. */
export type StartKey = z.infer<typeof StartKeySchema>;

/** Encrypts where the next page begins, bound to the tenant and to the list with all its filters. */
export const sealCursor = async (tenant: TenantId, list: string, start: StartKey): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ tenant, list, start })))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key());

/** @throws Failure `cursor.invalid` for a cursor that is none, or of another tenant or list */
export const openCursor = async (tenant: TenantId, list: string, cursor: string): Promise<StartKey> => {
  const refusal = new Failure('cursor.invalid', 'This cursor does not belong to this list. Start again without one.');
  const plaintext = await compactDecrypt(cursor, key()).then(
    (result) => result.plaintext,
    () => {
      throw refusal;
    },
  );
  const parsed = CursorSchema.safeParse(JSON.parse(new TextDecoder().decode(plaintext)));
  if (!parsed.success || parsed.data.tenant !== tenant || parsed.data.list !== list) throw refusal;
  return parsed.data.start;
};
