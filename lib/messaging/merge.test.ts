import { newAct } from '../../test/support/builders.ts';
import { addClients, expectConsistent, merge, phoneOf, undo, write } from '../../test/support/merges.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { removeContact, replaceProfile, withState } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { editClient, findClient, getClient, hideClient } from '../table/clients.ts';
import { findHolder } from '../table/identities.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { markChatRead } from './read.ts';

const outcomes = async (work: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(work)).map((outcome) => {
    if (outcome.status === 'fulfilled') return 'done';
    if (outcome.reason instanceof Failure) return outcome.reason.code;
    throw outcome.reason;
  });

/** Two clients with a phone each. */
const addTwo = async (act: Act) => {
  const [a, b] = await addClients(act, 2);
  if (a === undefined || b === undefined) throw new Error('There are two.');
  return [a, b] as const;
};

describe('at once', () => {
  it('two clients merged into each other become one of the two', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    await write(act, phoneOf(a));
    await write(act, phoneOf(b));
    const done = await outcomes([merge(act, a.id, b.id), merge(act, b.id, a.id), merge(act, a.id, b.id)]);
    expect(done.filter((each) => each === 'done')).toHaveLength(1);
    expect(done.filter((each) => each === 'client.absorbed')).toHaveLength(2);
    expect(await expectConsistent(act, [a, b], 2)).toHaveLength(1);
  });

  it('merges in a row and in a ring leave one client that leads to nowhere else', async () => {
    for (const ring of [false, true]) {
      const act = newAct();
      const [a, b, c] = await addClients(act, 3);
      if (a === undefined || b === undefined || c === undefined) throw new Error('There are three.');
      for (const each of [a, b, c]) await write(act, phoneOf(each));
      const done = await outcomes([
        merge(act, a.id, b.id),
        merge(act, c.id, a.id),
        ...(ring ? [merge(act, b.id, c.id)] : []),
      ]);
      expect(done).toContain('done');
      await expectConsistent(act, [a, b, c], 3);
    }
  });

  it('no message is lost, doubled or left behind while its client is merged and comes back', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    const arriving = (count: number) =>
      Array.from({ length: count }, (_, index) => write(act, phoneOf(index % 2 === 0 ? a : b)));
    const [first] = await Promise.all([merge(act, a.id, b.id), ...arriving(8)]);
    await expectConsistent(act, [a, b], 8);
    await Promise.all([undo(act, a.id, first.merge), markChatRead(act, a.id, undefined), ...arriving(8)]);
    expect(await expectConsistent(act, [a, b], 16)).toHaveLength(2);
  });

  it('reading, changing and deleting either of them leaves them whole', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    for (let index = 0; index < 4; index += 1) await write(act, phoneOf(index % 2 === 0 ? a : b));
    const rename = (id: ClientId) =>
      editClient(act.tenant, id, (before) => {
        const client = replaceProfile(act, before, { ...before, firstName: 'Aziz' }, null);
        return { client, event: clientEvent(act, 'ClientUpdated', client, before), result: undefined };
      });
    const done = await outcomes([
      merge(act, a.id, b.id),
      markChatRead(act, a.id, undefined),
      markChatRead(act, b.id, undefined),
      rename(a.id),
      rename(b.id),
    ]);
    expect(new Set(done)).toEqual(new Set(done.includes('client.absorbed') ? ['done', 'client.absorbed'] : ['done']));
    expect(done[0]).toBe('done');
    await expectConsistent(act, [a, b], 4);
  });

  it('a client that is deleted meanwhile is not merged, and one that is merged is not deleted', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    const remove = (id: ClientId) =>
      untilUndisturbed(async () => {
        const before = await getClient(act.tenant, id);
        const after = withState(act, before, 'deleted');
        await hideClient(act.tenant, before, after, clientEvent(act, 'ClientDeleted', after));
      });
    const [merging, removing] = await outcomes([merge(act, a.id, b.id), remove(b.id)]);
    const state = (await findClient(act.tenant, b.id))?.state;
    if (merging === 'done') expect([removing, state]).toEqual(['client.absorbed', 'absorbed']);
    else expect([merging, removing, state]).toEqual(['resource.not-found', 'done', 'deleted']);
  });
});

describe('undoing', () => {
  it('is possible for seven days', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    const { merge: done } = await merge(act, a.id, b.id);
    const later = (seconds: number): Act => ({ ...act, now: () => new Date(secondsAfter(new Date(), seconds)) });
    const week = 7 * 24 * 3600;
    await expect(undo(later(week + 60), a.id, done)).rejects.toMatchObject({ code: 'merge.expired' });
    await undo(later(week - 60), a.id, done);
    await expectConsistent(act, [a, b], 0);
  });

  it('gives a contact back that the survivor has given up, and nobody taken', async () => {
    const act = newAct();
    const [a, b] = await addTwo(act);
    const { merge: done, client } = await merge(act, a.id, b.id);
    await editClient(act.tenant, a.id, (before) => {
      const after = removeContact(act, before, client.contacts[0]?.id ?? '');
      return { client: after, event: clientEvent(act, 'ClientUpdated', after, before), result: undefined };
    });
    expect(await findHolder(act.tenant, { kind: 'tel', value: phoneOf(b) })).toBeUndefined();
    await undo(act, a.id, done);
    await expectConsistent(act, [a, b], 0);
  });
});
