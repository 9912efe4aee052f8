import type { TenantId, UserId } from '../contract/vocabulary.ts';
import { UserRecordSchema, type UserRecord } from '../domain/user.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, queryAll } from './client.ts';
import { USER, userKey, users } from './keys.ts';
import { announce } from './outbox.ts';
import { absent, commit, put, replace, type Step } from './transaction.ts';

const userItem = (tenant: TenantId, user: UserRecord) => ({ ...userKey(tenant, user.id), ...user });

/** Who is this user? One read. */
export const findUser = async (tenant: TenantId, id: UserId): Promise<UserRecord | undefined> => {
  const { Item } = await get(tenant, { Key: userKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : UserRecordSchema.parse(Item);
};

/** Who works for this tenant? One query, or more for hundreds of users. */
export const findUsers = async (tenant: TenantId): Promise<UserRecord[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :users)',
    ExpressionAttributeValues: { ':pk': users(tenant), ':users': USER },
    ConsistentRead: true,
  });
  return items.map((item) => UserRecordSchema.parse(item));
};

/** Adds a user. One transaction. @throws Raced when somebody else did */
export const insertUser = (tenant: TenantId, user: UserRecord, event: DomainEvent): Promise<void> =>
  commit(tenant, [put(userItem(tenant, user), absent), announce(event)]);

/** Changes a user that was read before. One transaction. @throws Raced */
export const changeUser = (
  tenant: TenantId,
  before: UserRecord,
  after: UserRecord,
  event: DomainEvent,
  also: readonly Step[] = [],
): Promise<void> => commit(tenant, [...also, replace(userItem(tenant, after), before), announce(event)]);
