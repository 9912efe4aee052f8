import type { UserId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { Failure, requireVersion } from '../domain/failure.ts';
import { userEvent } from '../domain/occurrence.ts';
import { isActiveAdmin, type UserRecord } from '../domain/user.ts';
import { untilUndisturbed, type Step } from '../table/transaction.ts';
import { changeUser, findUsers, getUser, whileAdmin } from '../table/users.ts';

/**
 * An admin who goes leaves another one behind. The one who asks is taken for that first; that there still is one is a
 * condition of the write, so that two who deactivate each other do not both go.
 */
const leaveAnAdmin = async (act: Act, gone: UserRecord): Promise<Step[]> => {
  const others = (await findUsers(act.tenant)).filter((user) => user.id !== gone.id && isActiveAdmin(user));
  const witness = others.find(({ id }) => id === act.actor.id) ?? others[0];
  if (witness === undefined) {
    throw new Failure('user.last-admin', 'This is the last administrator. Make somebody else one first.');
  }
  return [whileAdmin(act.tenant, witness)];
};

/**
 * Reads a user, decides what becomes of it, and writes, until nobody interferes. One read and one transaction; one query
 * more to deactivate an admin.
 *
 * @throws Failure `resource.not-found`, `version.stale`, `user.last-admin`, and whatever `decide` does
 */
export const editUser = (
  act: Act,
  id: UserId,
  ifMatch: number | undefined,
  decide: (before: UserRecord) => UserRecord,
): Promise<UserRecord> =>
  untilUndisturbed(async () => {
    const before = await getUser(act.tenant, id);
    requireVersion(ifMatch, before.version);
    const after = decide(before);
    const also = isActiveAdmin(before) && !after.active ? await leaveAnAdmin(act, before) : [];
    await changeUser(act.tenant, before, after, userEvent(act, 'UserUpdated', after, before), also);
    return after;
  });
