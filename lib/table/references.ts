import * as z from 'zod';
import { ClientIdSchema, MessageIdSchema, type ChannelId, type TenantId } from '../contract/vocabulary.ts';
import { getTogether } from './client.ts';
import { referenceKey } from './keys.ts';
import { put, type Step } from './transaction.ts';

/** What a provider calls something, on a channel. */
export interface ProviderName {
  readonly channelId: ChannelId;
  readonly providerId: string;
}

const PayloadSchema = z.object({ raw: z.string().optional() });

/** Which payloads came under these names: themselves, or where in the bucket they lie? One read. */
export const findPayloads = async (tenant: TenantId, names: readonly ProviderName[]): Promise<string[]> => {
  if (names.length === 0) return [];
  const keys = names.map(({ channelId, providerId }) => referenceKey(tenant, channelId, providerId));
  const distinct = new Map(keys.map((key) => [key.pk, key]));
  const items = await getTogether(tenant, [...distinct.values()], ['raw']);
  return items.flatMap((item) => PayloadSchema.parse(item).raw ?? []);
};

const NamedSchema = z.object({
  pk: z.string(),
  messageId: MessageIdSchema.nullable(),
  chatId: ClientIdSchema.nullable().default(null),
});

/** One of our messages; without ids: one that was erased. */
export type Named = Omit<z.infer<typeof NamedSchema>, 'pk'>;

const TOGETHER = 100;

/** Which of our messages do providers call by these names? One read for a hundred. */
export const findNamed = async (tenant: TenantId, names: readonly ProviderName[]): Promise<Map<string, Named>> => {
  const found = new Map<string, Named>();
  for (let start = 0; start < names.length; start += TOGETHER) {
    const some = names.slice(start, start + TOGETHER);
    const byKey = new Map(
      some.map(({ channelId, providerId }) => [referenceKey(tenant, channelId, providerId).pk, providerId]),
    );
    const keys = [...byKey.keys()].map((pk) => ({ pk, sk: 'REF' }));
    for (const item of await getTogether(tenant, keys, ['pk', 'messageId', 'chatId'])) {
      const { pk, ...named } = NamedSchema.parse(item);
      found.set(byKey.get(pk) ?? '', named);
    }
  }
  return found;
};

/** Longer than any provider repeats itself. */
const KEPT_SECONDS = 30 * 24 * 3600;

/** Of what was erased nothing is known any more but that it was there: so a provider that repeats itself repeats itself. */
export const forgetReference = (tenant: TenantId, { channelId, providerId }: ProviderName, now: Date): Step =>
  put({
    ...referenceKey(tenant, channelId, providerId),
    messageId: null,
    expiresAt: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
  });
