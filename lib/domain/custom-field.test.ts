import { newAct } from '../../test/support/builders.ts';
import { CustomFieldNameSchema } from '../contract/clients.ts';
import type { NewCustomField } from '../contract/custom-fields.ts';
import {
  checkCustomFields,
  newCustomField,
  replaceCustomField,
  requireCustomFields,
  requireUnused,
  type CustomFieldRecord,
} from './custom-field.ts';
import { Failure } from './failure.ts';

const act = newAct();
const define = (changes: Partial<NewCustomField> = {}): CustomFieldRecord =>
  newCustomField(act, { name: 'size', type: 'text', choices: [], ...changes });
const size = define({ type: 'choice', choices: ['S', 'M'] });

const failureOf = (work: () => unknown): Failure => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};
const pointersOf = ({ particulars }: Failure) => particulars.errors?.map(({ pointer }) => pointer);

describe('a custom field', () => {
  it('is called by its name unless it has a label, and is neither used nor retired', () => {
    expect(define()).toMatchObject({ name: 'size', label: 'size', used: false, retired: false, version: 1 });
    expect(define({ label: 'Shoe size' }).label).toBe('Shoe size');
  });

  it.each([
    ['a choice of nothing', { type: 'choice' as const }],
    ['a choice of one twice', { type: 'choice' as const, choices: ['M', 'm'] }],
    ['a text with choices', { choices: ['M'] }],
  ])('is refused as %s', (_, changes) => {
    const failure = failureOf(() => define(changes));
    expect(failure.code).toBe('request.invalid');
    expect(pointersOf(failure)).toEqual(['/choices']);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', '__defineGetter__'])(
    'is not called %s, which every object seems to have',
    (name) => {
      expect(CustomFieldNameSchema.safeParse(name).success).toBe(false);
      expect(CustomFieldNameSchema.safeParse(name.toUpperCase()).success).toBe(true);
    },
  );

  it('may change its type and choices until it is used; then it keeps both, and may gain choices', () => {
    const asText = { type: 'text' as const, choices: [], retired: false };
    const fewer = { type: 'choice' as const, choices: ['M'], retired: false };
    const more = { ...fewer, choices: ['L', 'S', 'M'] };
    expect(replaceCustomField(act, size, asText)).toMatchObject({ type: 'text', choices: [], version: 2, revision: 2 });
    expect(replaceCustomField(act, size, fewer).choices).toEqual(['M']);
    const used = { ...size, used: true };
    expect(failureOf(() => replaceCustomField(act, used, asText)).code).toBe('custom-field.in-use');
    expect(failureOf(() => replaceCustomField(act, used, fewer)).code).toBe('custom-field.in-use');
    expect(replaceCustomField(act, used, more)).toMatchObject({ choices: ['L', 'S', 'M'], used: true });
    expect(failureOf(() => requireUnused(used)).code).toBe('custom-field.in-use');
    expect(() => requireUnused(size)).not.toThrow();
  });
});

describe('the value of a custom field', () => {
  it.each([
    ['text', 'anything', 3],
    ['number', -1.5, '1'],
    ['boolean', false, 'false'],
    ['date', '2024-02-29', '2023-02-29'],
    ['date', '2026-01-31', '2026-01-31T00:00:00Z'],
    ['choice', 'M', 'm'],
    ['choice', 'S', 1],
  ] as const)('of type %s may be %j, not %j', (type, right, wrong) => {
    const field = define({ type, choices: type === 'choice' ? ['S', 'M'] : [] });
    expect(checkCustomFields([field], {}, { size: right }).faults).toEqual([]);
    expect(checkCustomFields([field], {}, { size: wrong }).faults).toMatchObject([{ pointer: '/customFields/size' }]);
  });

  it('is pointed at where it is wrong, each of them', () => {
    const definitions = [define({ name: 'a/b~c', type: 'number' }), define({ name: 'born', type: 'date' })];
    const failure = failureOf(() => requireCustomFields(definitions, {}, { 'a/b~c': 'x', born: 'y', free: 'z' }));
    expect(pointersOf(failure)).toEqual(['/customFields/a~1b~0c', '/customFields/born']);
  });

  it('of a name that is not defined may be any, under the defined spelling of a name only', () => {
    expect(checkCustomFields([size], {}, { colour: 7 }).faults).toEqual([]);
    expect(checkCustomFields([size], {}, { Size: 'M' }).faults).toMatchObject([{ detail: 'is written size' }]);
  });

  it('may be none', () => {
    expect(checkCustomFields([size], {}, { size: null })).toEqual({ faults: [], firstUsed: [] });
  });

  it('that stays as it was is right, though it is older than what is defined', () => {
    expect(checkCustomFields([size], { size: 'XXL' }, { size: 'XXL' })).toEqual({ faults: [], firstUsed: [] });
    expect(checkCustomFields([size], { Size: 'XXL' }, { Size: 'XXL' }).faults).toEqual([]);
    expect(checkCustomFields([size], { size: 'XXL' }, { size: 'XL' }).faults).toHaveLength(1);
  });

  it('of a retired field may stay or go, and not come or change', () => {
    const retired = { ...size, used: true, retired: true };
    expect(checkCustomFields([retired], { size: 'M' }, { size: 'M' }).faults).toEqual([]);
    expect(checkCustomFields([retired], { size: 'M' }, {}).faults).toEqual([]);
    expect(checkCustomFields([retired], { size: 'M' }, { size: null }).faults).toEqual([]);
    expect(checkCustomFields([retired], { size: 'M' }, { size: 'S' }).faults).toHaveLength(1);
    expect(checkCustomFields([retired], {}, { size: 'M' }).faults).toHaveLength(1);
  });

  it('makes its field a used one, the first time', () => {
    expect(requireCustomFields([size], {}, { size: 'M' })).toEqual([size]);
    expect(requireCustomFields([{ ...size, used: true }], {}, { size: 'M' })).toEqual([]);
    expect(requireCustomFields([size], { size: 'M' }, { size: 'M' })).toEqual([size]);
    const twice = { size: 'M', Size: 'M', SIZE: 'S' };
    expect(requireCustomFields([size], twice, twice)).toEqual([size]);
  });
});
