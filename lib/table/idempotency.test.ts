import { buildClient, newAct } from '../../test/support/builders.ts';
import type { Act } from '../domain/act.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { insertClient, listClients } from './clients.ts';
import { AnsweredBefore, holdKey, once, refuseRepeated, releaseKey, rememberAnswer, type Once } from './idempotency.ts';
import { commit } from './transaction.ts';

const use = (changes: Partial<Parameters<typeof once>[0]> = {}): Once =>
  once({
    user: 'ana',
    route: 'createClient',
    key: 'k1',
    request: ['/crm/clients', { firstName: 'Ana' }],
    now: new Date(),
    ...changes,
  });
const answer = (id: string) => ({ status: 201, body: { id }, headers: { location: `/crm/clients/${id}` } });
const after = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** Adds a client and remembers that, as a request with a key does. */
const create = async (act: Act, key: Once): Promise<string> => {
  const client = buildClient(act);
  await insertClient(
    act,
    client,
    clientEvent(act, 'ClientCreated', client),
    rememberAnswer(act.tenant, key, answer(client.id)),
  );
  return client.id;
};

describe('an Idempotency-Key', () => {
  it('used many times at once has one effect, and all are told of it', async () => {
    const act = newAct();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => create(act, use())));
    const { items } = await listClients(act.tenant, 'newest', { limit: 10 });
    expect(items).toHaveLength(1);
    const told = outcomes.map((outcome): unknown =>
      outcome.status === 'fulfilled'
        ? answer(outcome.value)
        : outcome.reason instanceof AnsweredBefore && outcome.reason.answer,
    );
    expect(told).toEqual(told.map(() => answer(items[0]?.id ?? '')));
  });

  it('used again gives the first answer before anything is done', async () => {
    const act = newAct();
    await expect(refuseRepeated(act.tenant, use())).resolves.toBeUndefined();
    const id = await create(act, use());
    await expect(refuseRepeated(act.tenant, use())).rejects.toMatchObject({ answer: answer(id) });
  });

  it('used with another request is refused, at once and in the transaction', async () => {
    const act = newAct();
    await create(act, use());
    const other = use({ request: ['/crm/clients', { firstName: 'Eva' }] });
    const reused = { code: 'idempotency.key-reused' };
    await expect(refuseRepeated(act.tenant, other)).rejects.toMatchObject(reused);
    await expect(create(act, other)).rejects.toMatchObject(reused);
  });

  it.each([
    ['another user', { user: 'eva' }],
    ['another route', { route: 'openChat' }],
  ])('of %s is another key', async (_, changes) => {
    const act = newAct();
    await create(act, use());
    await expect(refuseRepeated(act.tenant, use(changes))).resolves.toBeUndefined();
  });

  it('of another tenant is another key', async () => {
    await create(newAct(), use());
    await expect(refuseRepeated(newAct().tenant, use())).resolves.toBeUndefined();
  });

  it('means nothing any more after 24 hours, also where the table has not removed it yet', async () => {
    const act = newAct();
    const first = await create(act, use({ now: after(-24 * 3600 - 1) }));
    await expect(refuseRepeated(act.tenant, use())).resolves.toBeUndefined();
    const other = use({ request: 'another body' });
    const second = await create(act, other);
    expect(second).not.toBe(first);
    await expect(refuseRepeated(act.tenant, other)).rejects.toMatchObject({ answer: answer(second) });
  });
});

describe('a request that takes several transactions', () => {
  it('holds its key: the same request is told to wait, another is refused', async () => {
    const { tenant } = newAct();
    await commit(tenant, holdKey(tenant, use()));
    const running = { code: 'idempotency.in-progress', particulars: { retryAfterSeconds: 2 } };
    await expect(refuseRepeated(tenant, use())).rejects.toMatchObject(running);
    await expect(commit(tenant, holdKey(tenant, use()))).rejects.toMatchObject(running);
    await expect(refuseRepeated(tenant, use({ request: 'x' }))).rejects.toMatchObject({
      code: 'idempotency.key-reused',
    });
  });

  it('remembers its answer with the last of them', async () => {
    const { tenant } = newAct();
    await commit(tenant, holdKey(tenant, use()));
    await commit(tenant, rememberAnswer(tenant, use(), answer('1')));
    await expect(refuseRepeated(tenant, use())).rejects.toMatchObject({ answer: answer('1') });
    await expect(commit(tenant, rememberAnswer(tenant, use(), answer('2')))).rejects.toThrow(AnsweredBefore);
  });

  it('that died leaves its key to the same request after a minute', async () => {
    const { tenant } = newAct();
    await commit(tenant, holdKey(tenant, use({ now: after(-61) })));
    await expect(refuseRepeated(tenant, use())).resolves.toBeUndefined();
    await commit(tenant, holdKey(tenant, use()));
    await expect(refuseRepeated(tenant, use())).rejects.toMatchObject({ code: 'idempotency.in-progress' });
  });

  it('that came to nothing lets go of its key', async () => {
    const { tenant } = newAct();
    await commit(tenant, holdKey(tenant, use()));
    await commit(tenant, releaseKey(tenant, use()));
    await expect(refuseRepeated(tenant, use())).resolves.toBeUndefined();
  });

  it('without a key remembers nothing', () => {
    const { tenant } = newAct();
    expect([...holdKey(tenant, undefined), ...rememberAnswer(tenant, undefined, answer('1'))]).toEqual([]);
    expect(releaseKey(tenant, undefined)).toEqual([]);
  });
});
