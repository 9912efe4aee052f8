import { newAct } from '../../test/support/builders.ts';
import { UserIdSchema, type Role } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { userEvent } from '../domain/occurrence.ts';
import { newUser, replaceUser, withClaims, type UserRecord } from '../domain/user.ts';
import { findUser, insertUser } from '../table/users.ts';
import { editUser } from './users.ts';

const claimsOf = (id: string, role: Role, issuedAt = 0) => ({
  userId: UserIdSchema.parse(id),
  role,
  name: 'Ana',
  email: null,
  issuedAt,
});

const join = async (act: Act, id: string, role: Role): Promise<UserRecord> => {
  const user = newUser(act, claimsOf(id, role));
  await insertUser(act.tenant, user, userEvent(act, 'UserCreated', user));
  return user;
};

const deactivate = (act: Act, { id }: UserRecord, actor: string) => {
  const own: Act = { ...act, actor: { type: 'user', id: actor } };
  const input = { displayName: null, languages: [], availability: 'available', active: false } as const;
  return editUser(own, id, undefined, (before) => replaceUser(own, before, { ...input, languages: [] }));
};

describe('an admin', () => {
  it('who is the last one stays, though somebody with an older token asks', async () => {
    const act = newAct();
    const [ana] = [await join(act, 'ana', 'admin'), await join(act, 'ben', 'agent')];
    await expect(deactivate(act, ana, 'ben')).rejects.toMatchObject({ code: 'user.last-admin' });
    expect(await findUser(act.tenant, ana.id)).toMatchObject({ active: true, version: 1 });
  });

  it('always stays of three who deactivate each other in a circle at once', async () => {
    const act = newAct();
    const all = [await join(act, 'ana', 'admin'), await join(act, 'ben', 'admin'), await join(act, 'eva', 'admin')];
    const outcomes = await Promise.allSettled(
      all.map((user, index) => deactivate(act, user, all[(index + 1) % all.length]?.id ?? '')),
    );
    const left = await Promise.all(all.map(({ id }) => findUser(act.tenant, id)));
    const active = left.filter((user) => user?.active === true);
    expect(active.length).toBeGreaterThan(0);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(all.length - active.length);
  });
});

describe('a token', () => {
  const act = newAct();
  const user = newUser(act, claimsOf('ana', 'admin', 100));

  it('that is older than the one before says nothing of its user', () => {
    expect(withClaims(act, user, claimsOf('ana', 'agent', 99))).toBeUndefined();
    expect(withClaims(act, user, claimsOf('ana', 'agent', 101))).toMatchObject({ role: 'agent', claimedAt: 101 });
  });

  it('without a name or e-mail says nothing of them', () => {
    const known = { ...user, email: 'ana@example.com' };
    expect(withClaims(act, known, { ...claimsOf('ana', 'admin', 200), name: null })).toBeUndefined();
    expect(withClaims(act, known, { ...claimsOf('ana', 'admin', 200), name: 'Ana B' })).toMatchObject({
      name: 'Ana B',
      email: 'ana@example.com',
    });
  });
});
