import * as z from 'zod';
import { TemplateSchema, type TemplateInput } from '../contract/templates.ts';
import { TemplateIdSchema } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { joinLetters, plainWords } from './folding.ts';

/** A template as it is stored. */
export const TemplateRecordSchema = TemplateSchema.extend({ revision: z.int() });
export type TemplateRecord = z.infer<typeof TemplateRecordSchema>;

export const newTemplate = (act: Act, { template }: TemplateInput): TemplateRecord => {
  const createdAt = instant(act.now());
  const id = TemplateIdSchema.parse(act.newId());
  return { id, template, createdAt, updatedAt: createdAt, version: 1, revision: 1 };
};

export const replaceTemplate = (act: Act, before: TemplateRecord, { template }: TemplateInput): TemplateRecord => ({
  ...before,
  template,
  updatedAt: instant(act.now()),
  version: before.version + 1,
});

/** What a word is looked for by: all its spellings, in plain letters and with those joined that are written in several ways. */
const formsOf = (spellings: readonly string[]): string[] => spellings.flatMap((word) => [word, joinLetters(word)]);

/** A text as it is searched. */
export const searchedText = ({ template }: Pick<TemplateRecord, 'template'>): string =>
  [...new Set(plainWords(template).flatMap(formsOf))].join(' ');

interface Searched extends Pick<TemplateRecord, 'template'> {
  /** As {@link searchedText} gives it. */
  readonly folded: string;
}

/** Does a text hold all words, or parts of words, of this query? What is no word, as an emoji is none, is looked for as it is. */
export const isFoundBy = (query: string): ((text: Searched) => boolean) => {
  const words = plainWords(query).map(formsOf);
  return ({ template, folded }) =>
    words.length === 0 ? template.includes(query) : words.every((forms) => forms.some((form) => folded.includes(form)));
};
