import { CustomFieldsSchema } from '../contract/clients.ts';
import type { MergeProblem } from '../contract/merge.ts';
import type { ClientRecord } from './client.ts';
import { Failure } from './failure.ts';

const MOST_CONTACTS = 20;
const MOST_TAGS = 50;
const MOST_CUSTOM_FIELDS = 50;
const MOST_LETTERS = 5_000;
/** A page of a chat asks each of the collections it is made of. */
const MOST_ABSORBED = 10;

const over = (field: string, found: number, limit: number, detail: string): MergeProblem[] =>
  found <= limit ? [] : [{ code: 'client.merge-limit', field, limit, detail: `${detail}, not ${found}.` }];

/** Where a merged client would be more than a client can be. */
export const mergeProblems = ({ contacts, tags, customFields, comments, absorbed }: ClientRecord): MergeProblem[] => {
  const fields = Object.keys(customFields).length;
  const isTooLarge = fields <= MOST_CUSTOM_FIELDS && !CustomFieldsSchema.safeParse(customFields).success;
  return [
    ...over('contacts', contacts.length, MOST_CONTACTS, `A client has at most ${MOST_CONTACTS} contacts`),
    ...over('tags', tags.length, MOST_TAGS, `A client has at most ${MOST_TAGS} tags`),
    ...over('customFields', fields, MOST_CUSTOM_FIELDS, `A client has at most ${MOST_CUSTOM_FIELDS} custom fields`),
    ...(isTooLarge
      ? [
          {
            code: 'client.merge-limit' as const,
            field: 'customFields',
            limit: 32_000,
            detail: 'Custom fields have at most 32 KB altogether.',
          },
        ]
      : []),
    ...over('comments', comments?.length ?? 0, MOST_LETTERS, `Comments have at most ${MOST_LETTERS} letters`),
    ...over('absorbed', absorbed.length, MOST_ABSORBED, `At most ${MOST_ABSORBED} clients can be merged into one`),
  ];
};

/** @throws Failure `client.merge-limit` naming each limit that is crossed */
export const requireWithinLimits = (client: ClientRecord): void => {
  const problems = mergeProblems(client);
  if (problems.length === 0) return;
  throw new Failure('client.merge-limit', problems.map(({ detail }) => detail).join(' '));
};
