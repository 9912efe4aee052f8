import { addClient, newAct } from '../../test/support/builders.ts';
import { addClients, expectConsistent, merge, phoneOf, undo, write } from '../../test/support/merges.ts';
import { unique } from '../../test/support/random.ts';
import { NewInteractionSchema } from '../contract/interactions.ts';
import { UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { removeContact, replaceProfile, withState, type ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { newInteraction } from '../domain/interaction.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { listChats } from '../table/chat-lists.ts';
import { getChat } from '../table/chats.ts';
import { editClient, findClient, getClient, hideClient } from '../table/clients.ts';
import { findHolder } from '../table/identities.ts';
import { insertInteraction } from '../table/interactions.ts';
import { countOpenInteractions } from '../table/merges.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { mergeClients } from './merge.ts';
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

describe('what a merge would join', () => {
  it('counts all interactions that are open, however much they say', async () => {
    const act = newAct();
    const { id } = await addClient(act);
    // A query reads one megabyte at a time.
    const description = 'x'.repeat(300_000);
    for (let index = 0; index < 5; index += 1) {
      const input = { ...NewInteractionSchema.parse({ subject: 'Call', scheduledAt: '2100-01-01T09:00:00.000Z' }) };
      const interaction = newInteraction(act, id, UserIdSchema.parse('ana'), input);
      await insertInteraction(act.tenant, { ...interaction, description }, [], []);
    }
    expect(await countOpenInteractions(act.tenant, [id])).toBe(5);
  });
});

describe('undoing', () => {
  it('of the earlier of two merges leaves the later one to be undone, with nothing of the first', async () => {
    const act = newAct();
    const survivor = await addClient(act);
    const one = await addClient(act, { pin: unique('pin'), lastName: 'Karimov' });
    const other = await addClient(act, { pin: unique('pin'), lastName: 'Aliyev' });
    const prefer = { pin: 'absorbed', lastName: 'absorbed' } as const;
    const join = (absorbed: ClientRecord) =>
      mergeClients(act, { survivorId: survivor.id, absorbedId: absorbed.id, prefer }, undefined, () => []);
    const first = await join(one);
    const then = await join(other);
    await undo(act, survivor.id, first.merge);
    expect(await getClient(act.tenant, survivor.id)).toMatchObject({ pin: other.pin, lastName: 'Aliyev' });
    await undo(act, survivor.id, then.merge);
    expect(await getClient(act.tenant, survivor.id)).toMatchObject({ pin: null, lastName: null });
    for (const { id, pin } of [one, other]) {
      expect(await getClient(act.tenant, id)).toMatchObject({ pin });
      expect(await findHolder(act.tenant, { kind: 'pin', value: pin ?? '' })).toBe(id);
    }
  });

  it('of the earlier of two merges takes nothing from the survivor that the later one brought as well', async () => {
    const act = newAct();
    const survivor = await addClient(act);
    const twin = { lastName: 'Karimov', email: 'karimov@example.com', tags: ['vip'], customFields: { size: 'L' } };
    const [one, other] = [await addClient(act, twin), await addClient(act, { ...twin, comments: 'Calls late' })];
    const first = await merge(act, survivor.id, one.id);
    const then = await merge(act, survivor.id, other.id);
    await undo(act, survivor.id, first.merge);
    expect(await getClient(act.tenant, survivor.id)).toMatchObject({ ...twin, comments: 'Calls late' });
    await undo(act, survivor.id, then.merge);
    const bare = { lastName: null, email: null, comments: null, tags: [], customFields: {} };
    expect(await getClient(act.tenant, survivor.id)).toMatchObject(bare);
    expect(await getClient(act.tenant, one.id)).toMatchObject(twin);
  });

  it('of the earlier of two merges leaves the later one to be undone, with nothing of the first one’s chat', async () => {
    const act = newAct();
    const survivor = await addClient(act);
    const [one, other] = await addTwo(act);
    await write(act, phoneOf(one));
    const first = await merge(act, survivor.id, one.id);
    const then = await merge(act, survivor.id, other.id);
    await undo(act, survivor.id, first.merge);
    await undo(act, survivor.id, then.merge);
    const untouched = {
      openedAt: null,
      lastMessageAt: null,
      lastInboundTransport: null,
      routesBack: {},
      unreadCount: 0,
    };
    for (const { id } of [survivor, other]) expect(await getChat(act.tenant, id)).toMatchObject(untouched);
    expect((await listChats(act.tenant, { unread: false }, { limit: 10 })).items.map(({ id }) => id)).toEqual([one.id]);
  });

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
