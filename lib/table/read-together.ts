import type { TenantId } from '../contract/vocabulary.ts';
import { getTogether } from './client.ts';
import type { Key } from './keys.ts';

/** What stands under these keys, as it is now, by the keys? One read, of up to a hundred items. */
export const readTogether = async (tenant: TenantId, keys: readonly Key[]): Promise<(key: Key) => unknown> => {
  const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
  const distinct = new Map(keys.map((key) => [nameOf(key), key]));
  const items = await getTogether(tenant, [...distinct.values()]);
  const found = new Map(items.map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
  return (key) => found.get(nameOf(key));
};
