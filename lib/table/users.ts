import * as z from 'zod';
import { TenantIdSchema, UserIdSchema, type TenantId, type UserId } from '../contract/vocabulary.ts';
import { notFound } from '../domain/failure.ts';
import { UserRecordSchema, type UserRecord } from '../domain/user.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { cached } from './cache.ts';
import { get, queryAll } from './client.ts';
import { USER, userKey, users } from './team-keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, check, commit, put, replace, type Step } from './transaction.ts';

/** A deactivated user is refused within this time, wherever. */
const CACHE_SECONDS = 30;
/** … and within this time, though nobody can be read meanwhile: then whoever is remembered is refused too. */
const MOST_SECONDS = 60;

const userItem = (tenant: TenantId, user: UserRecord) => ({ ...userKey(tenant, user.id), ...user });

/** Who is this user? One read. */
export const findUser = async (tenant: TenantId, id: UserId): Promise<UserRecord | undefined> => {
  const { Item } = await get(tenant, { Key: userKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : UserRecordSchema.parse(Item);
};

const NameSchema = z.tuple([TenantIdSchema, UserIdSchema]);
const nameOf = (tenant: TenantId, id: UserId): string => JSON.stringify([tenant, id]);
const cache = cached(CACHE_SECONDS, (name: string) => findUser(...NameSchema.parse(JSON.parse(name))), MOST_SECONDS);

/**
 * A user, up to 30 seconds old, up to a minute while the table is away; one read when older. Who is unknown is looked for
 * each time.
 */
export const knownUser = (tenant: TenantId, id: UserId): Promise<UserRecord | undefined> =>
  cache.get(nameOf(tenant, id));

/** Who is this user? One read. @throws Failure `resource.not-found` */
export const getUser = async (tenant: TenantId, id: UserId): Promise<UserRecord> => {
  const user = await findUser(tenant, id);
  if (user === undefined) throw notFound();
  return user;
};

interface UserFilter {
  readonly active?: boolean | undefined;
  readonly availability?: UserRecord['availability'] | undefined;
}

/** Who works for this tenant, by id? One query, a page of items; a filter shortens it. */
export const listUsers = (tenant: TenantId, filter: UserFilter, page: Page): Promise<Paged<UserRecord>> => {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
  return queryPage(
    tenant,
    `users:${JSON.stringify(wanted)}`,
    UserRecordSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :users)',
      ExpressionAttributeValues: {
        ':pk': users(tenant),
        ':users': USER,
        ...Object.fromEntries(wanted.map(([field, value]) => [`:${field}`, value])),
      },
      ...(wanted.length > 0 && {
        FilterExpression: wanted.map(([field]) => `#${field} = :${field}`).join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(wanted.map(([field]) => [`#${field}`, field])),
      }),
      ConsistentRead: true,
    },
    page,
  );
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
export const insertUser = async (tenant: TenantId, user: UserRecord, event: DomainEvent): Promise<void> => {
  await commit(tenant, [put(userItem(tenant, user), absent), announce(event)]);
  cache.keep(nameOf(tenant, user.id), user);
};

/** What it takes to change a user that was read before. Refused with Raced. */
export const userSteps = (tenant: TenantId, before: UserRecord, after: UserRecord, event: DomainEvent): Step[] => [
  replace(userItem(tenant, after), before),
  announce(event),
];

/** Changes a user that was read before. One transaction. @throws Raced */
export const changeUser = async (
  tenant: TenantId,
  before: UserRecord,
  after: UserRecord,
  event: DomainEvent,
  also: readonly Step[] = [],
): Promise<void> => {
  await commit(tenant, [...also, ...userSteps(tenant, before, after, event)]);
  cache.keep(nameOf(tenant, after.id), { ...after, revision: before.revision + 1 });
};

/** Somebody is still there to look after the others, as was read before. */
export const whileAdmin = (tenant: TenantId, { id }: UserRecord): Step =>
  check(userKey(tenant, id), {
    expression: '#active = :active AND #role = :admin',
    names: { '#active': 'active', '#role': 'role' },
    values: { ':active': true, ':admin': 'admin' },
  });
