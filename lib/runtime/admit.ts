import { Failure } from '../domain/failure.ts';
import type { Act } from '../domain/act.ts';
import { userEvent } from '../domain/occurrence.ts';
import { newUser, withClaims, type Claims, type UserRecord } from '../domain/user.ts';
import { changeUser, findUser, insertUser, knownUser } from '../table/users.ts';
import { Raced, untilUndisturbed } from '../table/transaction.ts';
import { describeError, logger } from './logger.ts';

/** Writes what a token says of its user, unless somebody else did. */
const note = async (act: Act, claims: Claims, before: UserRecord | undefined): Promise<UserRecord> => {
  if (before === undefined) {
    const user = newUser(act, claims);
    await insertUser(act.tenant, user, userEvent(act, 'UserCreated', user));
    return user;
  }
  const after = before.active ? withClaims(act, before, claims) : undefined;
  if (after === undefined) return before;
  await changeUser(act.tenant, before, after, userEvent(act, 'UserUpdated', after, before));
  return after;
};

/** What is known may be half a minute old; once it proves to be, the user is read. */
const noteNews = async (act: Act, claims: Claims, known: UserRecord | undefined): Promise<UserRecord> => {
  try {
    return await note(act, claims, known);
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
    return untilUndisturbed(async () => note(act, claims, await findUser(act.tenant, claims.userId)));
  }
};

/**
 * Lets the user in whom a verified token speaks of; the first token makes one, later ones say what is new. One read for each
 * user, container and 30 seconds, one transaction where there is something new.
 *
 * While the table is away, who is remembered is let in for up to a minute after being read, and what is new is taken the next
 * time. After that nobody is: whether the user was deactivated cannot be known.
 *
 * @throws Failure `user.inactive`, within those 30 seconds, whatever token the user has
 */
export const admit = async (act: Act, claims: Claims): Promise<UserRecord> => {
  const known = await knownUser(act.tenant, claims.userId);
  const user = await noteNews(act, claims, known).catch((error: unknown) => {
    if (known === undefined) throw error;
    logger.warn('what a token says of its user could not be kept', describeError(error));
    return known;
  });
  if (!user.active) throw new Failure('user.inactive', 'An administrator of your organization has deactivated you.');
  return user;
};
