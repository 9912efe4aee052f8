import type { Client } from '../contract/clients.ts';
import type { CustomField } from '../contract/custom-fields.ts';
import type { Target } from '../contract/csv-files.ts';
import { foldCase } from './case-fold.ts';

type Words = readonly (readonly [meaning: string, words: readonly string[]])[];

const genders: Words = [
  ['male', ['male', 'm', 'м', 'муж', 'мужской', 'erkak', 'эркак']],
  ['female', ['female', 'f', 'ж', 'жен', 'женский', 'ayol', 'аёл']],
];

const truths: Words = [
  ['true', ['true', 'yes', 'y', '1', 'да', 'ha', 'ҳа', 'истина']],
  ['false', ['false', 'no', 'n', '0', 'нет', "yo'q", 'yoʻq', 'yo‘q', 'йўқ', 'ложь']],
];

const meaningOf = (known: Words, text: string): string | undefined => {
  const word = text.toLowerCase().replace(/\.$/, '');
  return known.find(([, words]) => words.includes(word))?.[0];
};

/** With points the day comes first; with strokes nobody knows. */
const dateOf = (text: string): string => {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text) ?? [];
  return year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
};

/** What people write in a field, in the form that a request has. */
export const inForm = (field: Target, text: string): string => {
  switch (field) {
    case 'gender':
      return meaningOf(genders, text) ?? text.toLowerCase();
    case 'dateOfBirth':
      return dateOf(text);
    case 'preferredTransport':
      return text.toLowerCase();
    default:
      return text;
  }
};

/** With a point or a comma before the fraction, and with spaces between thousands. */
const numberOf = (text: string): number | undefined => {
  const plain = text.replaceAll(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
};

type Value = Client['customFields'][string];

/** What people write in a custom field, as a value of its type; the text itself where it is none, or no type is defined. */
export const customValue = (definition: CustomField | undefined, text: string): Value => {
  switch (definition?.type) {
    case 'number':
      return numberOf(text) ?? text;
    case 'boolean': {
      const truth = meaningOf(truths, text);
      return truth === undefined ? text : truth === 'true';
    }
    case 'date':
      return dateOf(text);
    case 'choice':
      return definition.choices.find((choice) => foldCase(choice) === foldCase(text)) ?? text;
    default:
      return text;
  }
};
