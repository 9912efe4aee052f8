import * as z from 'zod';
import { InstantSchema, UserIdSchema, type ChannelId, type TenantId, type UserId } from '../contract/vocabulary.ts';
import { get } from './client.ts';
import { referenceKey } from './keys.ts';
import { telegramAccountKey, telegramCodeKey } from './team-keys.ts';
import { Replayed } from './messages.ts';
import { absent, commit, put, remove, type Step } from './transaction.ts';

const HolderSchema = z.object({ userId: UserIdSchema });
const CodeSchema = HolderSchema.extend({ until: InstantSchema });

const epochSeconds = (at: string): number => Math.floor(Date.parse(at) / 1000);

/** Keeps a code that links whoever sends it to this user. One transaction. */
export const keepCode = (tenant: TenantId, code: string, userId: UserId, until: string): Promise<void> =>
  commit(tenant, [put({ ...telegramCodeKey(tenant, code), userId, until, expiresAt: epochSeconds(until) }, absent)]);

/** Whose code is it? One read; undefined for one that was used, has expired, or never was. */
export const findCode = async (tenant: TenantId, code: string, now: Date): Promise<UserId | undefined> => {
  const { Item } = await get(tenant, { Key: telegramCodeKey(tenant, code), ConsistentRead: true });
  if (Item === undefined) return undefined;
  const { userId, until } = CodeSchema.parse(Item);
  return Date.parse(until) > now.getTime() ? userId : undefined;
};

/** A code serves once. Refused with Raced. */
export const useCode = (tenant: TenantId, code: string): Step =>
  remove(telegramCodeKey(tenant, code), { expression: 'attribute_exists(pk)' });

/** To which user is this Telegram account linked? One read. */
export const findAccountUser = async (tenant: TenantId, account: string): Promise<UserId | undefined> => {
  const { Item } = await get(tenant, { Key: telegramAccountKey(tenant, account), ConsistentRead: true });
  return Item === undefined ? undefined : HolderSchema.parse(Item).userId;
};

/** An account leads to one user. `before`: to whom it led as it was read. Refused with Raced. */
export const linkAccount = (tenant: TenantId, account: string, userId: UserId, before: UserId | undefined): Step =>
  put(
    { ...telegramAccountKey(tenant, account), userId },
    {
      expression: 'attribute_not_exists(pk) OR userId = :before',
      values: { ':before': before ?? userId },
    },
  );

/** Refused with Raced where the account leads to somebody else by now. */
export const unlinkAccount = (tenant: TenantId, account: string, userId: UserId): Step =>
  remove(telegramAccountKey(tenant, account), {
    expression: 'attribute_not_exists(pk) OR userId = :userId',
    values: { ':userId': userId },
  });

/** Longer than Telegram repeats itself. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** Remembers an update of a user's account, of which no message is made. Refused with Replayed. */
export const recordUpdate = (tenant: TenantId, channelId: ChannelId, updateId: string, now: Date): Step =>
  put(
    {
      ...referenceKey(tenant, channelId, updateId),
      messageId: null,
      expiresAt: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
    },
    absent,
    () => new Replayed('This update was received before.'),
  );
