import { newTenantId } from '../../test/support/builders.ts';
import { get } from './client.ts';
import { TenantGuardError } from './guard.ts';
import { tenantPrefix, type Key } from './keys.ts';
import { absent, check, commit, put, Raced, remove, unchanged, untilUndisturbed, update } from './transaction.ts';

const tenant = newTenantId();
const keyOf = (name: string): Key => ({ pk: `${tenantPrefix(tenant)}TEST#${name}`, sk: 'TEST' });
const itemOf = (name: string, revision = 1) => ({ ...keyOf(name), revision });
const find = async (name: string) => (await get(tenant, { Key: keyOf(name), ConsistentRead: true })).Item;

describe('a transaction', () => {
  it('writes all of its steps or none', async () => {
    await commit(tenant, [put(itemOf('there'))]);
    const steps = [put(itemOf('new')), put(itemOf('there'), absent)];
    await expect(commit(tenant, steps)).rejects.toThrow(Raced);
    expect(await find('new')).toBeUndefined();
    await commit(tenant, [put(itemOf('new'), absent), remove(keyOf('there'), unchanged(1))]);
    expect(await find('new')).toBeDefined();
    expect(await find('there')).toBeUndefined();
  });

  it('says why by the first step in order whose condition failed, and shows what stood there', async () => {
    await commit(tenant, [put(itemOf('one', 1)), put(itemOf('two', 2))]);
    const told: unknown[] = [];
    const refusal = (name: string) => (existing: unknown) => {
      told.push(existing);
      return new Error(`refused by ${name}`);
    };
    const two = put(itemOf('two'), absent, refusal('two'));
    const one = put(itemOf('one'), absent, refusal('one'));
    await expect(commit(tenant, [put(itemOf('free')), two, one])).rejects.toThrow('refused by two');
    await expect(commit(tenant, [one, two])).rejects.toThrow('refused by one');
    expect(told).toEqual([itemOf('two', 2), itemOf('one', 1)]);
  });

  it('shows nothing where nothing stood', async () => {
    const told: unknown[] = [];
    const step = remove(keyOf('nowhere'), unchanged(1), (existing) => {
      told.push(existing);
      return new Error('gone');
    });
    await expect(commit(tenant, [step])).rejects.toThrow('gone');
    expect(told).toEqual([undefined]);
  });

  it('can check an item that it does not write', async () => {
    await commit(tenant, [put(itemOf('checked', 4))]);
    await commit(tenant, [check(keyOf('checked'), unchanged(4)), put(itemOf('beside'))]);
    await expect(commit(tenant, [check(keyOf('checked'), unchanged(5)), put(itemOf('never'))])).rejects.toThrow(Raced);
    expect(await find('beside')).toBeDefined();
    expect(await find('never')).toBeUndefined();
  });

  it('that meets others is tried again: of many at once none is lost', async () => {
    await commit(tenant, [put({ ...itemOf('counter'), count: 0 })]);
    const increment = update(keyOf('counter'), {
      expression: 'SET #count = #count + :one',
      names: { '#count': 'count' },
      values: { ':one': 1 },
    });
    await Promise.all(Array.from({ length: 20 }, () => commit(tenant, [increment])));
    expect(await find('counter')).toMatchObject({ count: 20 });
  });

  it('never reaches outside the tenant', async () => {
    await expect(commit(newTenantId(), [put(itemOf('foreign'))])).rejects.toThrow(TenantGuardError);
  });
});

describe('work that is disturbed', () => {
  it('starts over until nobody interferes', async () => {
    let reads = 0;
    const result = await untilUndisturbed(() => {
      reads += 1;
      return reads < 3 ? Promise.reject(new Raced()) : Promise.resolve(reads);
    });
    expect(result).toBe(3);
  });

  it('ends at once with any other error, and with a refusal after many attempts', async () => {
    let attempts = 0;
    const failing = (error: Error) => () => {
      attempts += 1;
      return Promise.reject(error);
    };
    await expect(untilUndisturbed(failing(new Error('other')))).rejects.toThrow('other');
    expect(attempts).toBe(1);
    await expect(untilUndisturbed(failing(new Raced()))).rejects.toMatchObject({ code: 'write.contended' });
  });
});
