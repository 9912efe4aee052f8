import * as z from 'zod';
import type { Client } from '../contract/clients.ts';
import {
  CustomFieldSchema,
  type CustomField,
  type CustomFieldInput,
  type NewCustomField,
} from '../contract/custom-fields.ts';
import { CustomFieldIdSchema } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { foldCase } from './case-fold.ts';
import { Failure, invalid } from './failure.ts';

/** A custom field as it is stored. `revision` also counts that it was used for the first time. */
export const CustomFieldRecordSchema = CustomFieldSchema.extend({ revision: z.int() });
export type CustomFieldRecord = z.infer<typeof CustomFieldRecordSchema>;

type Fields = Client['customFields'];
type Value = Fields[string];

/** Two names that differ in nothing but case are one. */
export const foldedName = foldCase;

const checkChoices = ({ type, choices }: Pick<CustomField, 'type' | 'choices'>): void => {
  if (type !== 'choice') {
    if (choices.length > 0) throw invalid('/choices', 'are for the type choice');
    return;
  }
  if (choices.length === 0) throw invalid('/choices', 'needs one at least');
  const distinct = new Set(choices.map(foldCase));
  if (distinct.size < choices.length) throw invalid('/choices', 'has one twice');
};

/** @throws Failure `request.invalid` for choices that do not go with the type, or come twice */
export const newCustomField = (act: Act, { name, label, type, choices }: NewCustomField): CustomFieldRecord => {
  checkChoices({ type, choices });
  return {
    id: CustomFieldIdSchema.parse(act.newId()),
    name,
    label: label ?? name,
    type,
    choices,
    retired: false,
    used: false,
    createdAt: instant(act.now()),
    updatedAt: instant(act.now()),
    version: 1,
    revision: 1,
  };
};

const inUse = (detail: string): Failure => new Failure('custom-field.in-use', detail);

/** @throws Failure `custom-field.in-use` for another type, or a choice less, of a field that clients have values in */
export const replaceCustomField = (
  act: Act,
  before: CustomFieldRecord,
  { label, type, choices, retired }: CustomFieldInput,
): CustomFieldRecord => {
  checkChoices({ type, choices });
  if (before.used && type !== before.type)
    throw inUse('The type of a field in use stays. Retire it, and define another.');
  if (before.used && before.choices.some((choice) => !choices.includes(choice))) {
    throw inUse('The choices of a field in use stay; others can be added.');
  }
  return {
    ...before,
    label: label ?? before.name,
    type,
    choices,
    retired,
    updatedAt: instant(act.now()),
    version: before.version + 1,
    revision: before.revision + 1,
  };
};

/** @throws Failure `custom-field.in-use` */
export const requireUnused = ({ used }: CustomFieldRecord): void => {
  if (used) throw inUse('Clients have, or had, values in this field. It can be retired.');
};

/** What is wrong with a value of a field; undefined when nothing is. */
const faultOf = ({ type, choices }: CustomField, value: NonNullable<Value>): string | undefined => {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? undefined : 'is not a text';
    case 'number':
      return typeof value === 'number' ? undefined : 'is not a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'is neither true nor false';
    case 'date':
      return z.iso.date().safeParse(value).success ? undefined : 'is not a date such as 2026-01-31';
    case 'choice':
      return typeof value === 'string' && choices.includes(value) ? undefined : `is none of: ${choices.join(', ')}`;
  }
};

interface Fault {
  /** A JSON pointer into the client. */
  readonly pointer: string;
  readonly detail: string;
}

const pointerTo = (name: string): string => `/customFields/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const judge = (definition: CustomFieldRecord, name: string, value: NonNullable<Value>): string | undefined => {
  if (definition.name !== name) return `is written ${definition.name}`;
  if (definition.retired) return 'is a retired field: its value may stay or go, not change';
  return faultOf(definition, value);
};

/**
 * What is wrong with the custom fields of a client, and which of them have a value for the first time. A value that stays
 * as it was is never wrong: it may be older than what is defined today. A name that is not defined takes any value.
 *
 * @param before what the client has; `{}` for a new one
 */
export const checkCustomFields = (
  definitions: readonly CustomFieldRecord[],
  before: Fields,
  after: Fields,
): { readonly faults: readonly Fault[]; readonly firstUsed: readonly CustomFieldRecord[] } => {
  const defined = new Map(definitions.map((definition) => [foldedName(definition.name), definition]));
  const faults: Fault[] = [];
  const firstUsed: CustomFieldRecord[] = [];
  for (const [name, value] of Object.entries(after)) {
    const definition = defined.get(foldedName(name));
    if (definition === undefined || value === null) continue;
    const isKept = Object.hasOwn(before, name) && before[name] === value;
    const fault = isKept ? undefined : judge(definition, name, value);
    if (fault !== undefined) faults.push({ pointer: pointerTo(name), detail: fault });
    // A free value of a name that was defined later may be written otherwise; it is none of the field's.
    else if (!definition.used && definition.name === name && faultOf(definition, value) === undefined) {
      firstUsed.push(definition);
    }
  }
  return { faults, firstUsed };
};

/**
 * As {@link checkCustomFields}, for a request.
 *
 * @returns which fields have a value for the first time
 * @throws Failure `request.invalid`, with a pointer to each field that is wrong
 */
export const requireCustomFields = (
  definitions: readonly CustomFieldRecord[],
  before: Fields,
  after: Fields,
): readonly CustomFieldRecord[] => {
  const { faults, firstUsed } = checkCustomFields(definitions, before, after);
  if (faults.length === 0) return firstUsed;
  throw new Failure('request.invalid', 'The custom fields are not valid: see errors.', { errors: faults });
};
