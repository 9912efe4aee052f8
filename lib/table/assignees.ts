import type { TenantId, UserId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { userKey } from './team-keys.ts';
import { check, type Step } from './transaction.ts';

/** The user can be given a chat by hand. @throws Failure `assignee.unknown`, `assignee.inactive` */
export const whileActiveUser = (tenant: TenantId, id: UserId): Step =>
  check(
    userKey(tenant, id),
    { expression: '#active = :true', names: { '#active': 'active' }, values: { ':true': true } },
    (existing) =>
      existing === undefined
        ? new Failure('assignee.unknown', 'assigneeId is no user of yours. Users appear when they first sign in.')
        : new Failure('assignee.inactive', 'The user of assigneeId was deactivated: choose another one, or null.'),
  );

/** The user is there to be given chats, as was read before. @throws Raced */
export const whileAvailable = (tenant: TenantId, id: UserId): Step =>
  check(userKey(tenant, id), {
    expression: '#active = :true AND #availability = :available',
    names: { '#active': 'active', '#availability': 'availability' },
    values: { ':true': true, ':available': 'available' },
  });
