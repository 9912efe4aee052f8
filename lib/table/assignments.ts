import { UserIdSchema, type TenantId, type UserId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { availableAmong, emptyLedger, LedgerSchema, type Ledger, type Turn } from '../domain/assignment.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { chatEvent } from '../domain/occurrence.ts';
import { whileAvailable } from './assignees.ts';
import { get } from './client.ts';
import { assignedChats, chatKey } from './keys.ts';
import { ledgerKey } from './team-keys.ts';
import { announce } from './outbox.ts';
import { commit, put, update, type Step } from './transaction.ts';
import { findUsers } from './users.ts';

/** Whose turn is next, and how many open chats does each user have? One read. */
export const findLedger = async (tenant: TenantId): Promise<Ledger> => {
  const { Item } = await get(tenant, { Key: ledgerKey(tenant), ConsistentRead: true });
  return Item === undefined ? emptyLedger : LedgerSchema.parse(Item);
};

/** Who is there to be given chats? One query, or more for hundreds of users. */
export const findAvailable = async (tenant: TenantId): Promise<UserId[]> => availableAmong(await findUsers(tenant));

const ledgerStep = (tenant: TenantId, before: Ledger, after: Ledger): Step =>
  put(
    { ...ledgerKey(tenant), ...after, revision: before.revision + 1 },
    {
      expression: before.revision === 0 ? 'attribute_not_exists(pk)' : '#revision = :revision',
      ...(before.revision > 0 && { names: { '#revision': 'revision' }, values: { ':revision': before.revision } }),
    },
  );

/** That nobody else has counted the chat since it was read. */
const asCounted = ({ countedFor, countedIn }: ChatRecord) => ({
  condition: '(attribute_not_exists(countedIn) OR (countedFor = :wasFor AND countedIn = :wasIn))',
  values: { ':wasFor': countedFor, ':wasIn': countedIn },
});

/** Somebody is given a chat as it was read: never one that somebody took, or resolved, meanwhile. */
const giveStep = (tenant: TenantId, { before, after }: Turn, assigneeId: UserId): Step =>
  update(chatKey(tenant, before.id), {
    expression:
      'SET assigneeId = :assignee, decidedAfter = :decided, countedFor = :counted, countedIn = :in, #version = :next, gsi3pk = :gsi3pk',
    condition: `#state = :active AND #version = :version AND unreadCount = :unread AND ${asCounted(before).condition}`,
    names: { '#state': 'state', '#version': 'version' },
    values: {
      ...asCounted(before).values,
      ':active': 'active',
      ':version': before.version,
      ':unread': before.unreadCount,
      ':assignee': assigneeId,
      ':decided': after.decidedAfter,
      ':counted': after.countedFor,
      ':in': after.countedIn,
      ':next': after.version,
      ':gsi3pk': assignedChats(tenant, assigneeId),
    },
  });

/** Whoever changes the chat meanwhile is heard of in turn. */
const countStep = (tenant: TenantId, { before, after }: Turn): Step =>
  update(chatKey(tenant, after.id), {
    expression: 'SET countedFor = :counted, countedIn = :in',
    condition: `attribute_exists(#pk) AND ${asCounted(before).condition}`,
    names: { '#pk': 'pk' },
    values: { ...asCounted(before).values, ':counted': after.countedFor, ':in': after.countedIn },
  });

const isGiven = ({ before, after }: Turn): boolean => before.assigneeId !== after.assigneeId;

/** Gives chats to users, and keeps count. One transaction. @throws Raced */
export const writeTurns = (
  act: Act,
  ledger: { readonly before: Ledger; readonly after: Ledger },
  turns: readonly Turn[],
): Promise<void> => {
  const { tenant } = act;
  const assignees = new Set(turns.filter(isGiven).map(({ after }) => UserIdSchema.parse(after.assigneeId)));
  return commit(tenant, [
    ledgerStep(tenant, ledger.before, ledger.after),
    ...[...assignees].map((user) => whileAvailable(tenant, user)),
    ...turns.flatMap((turn) =>
      isGiven(turn)
        ? [
            giveStep(tenant, turn, UserIdSchema.parse(turn.after.assigneeId)),
            announce(chatEvent(act, 'ChatUpdated', turn.after, turn.before)),
          ]
        : [countStep(tenant, turn)],
    ),
  ]);
};
