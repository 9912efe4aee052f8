import type * as z from 'zod';
import type { Answer } from '../../local/http-client.ts';
import { ProblemSchema, type Problem, type ProblemCode } from '../../lib/contract/problems.ts';

/** The body of an answer with this status, read by the contract's own schema. */
export const read = <Schema extends z.ZodType>(answer: Answer, status: number, schema: Schema): z.output<Schema> => {
  if (answer.status === status) return schema.parse(answer.body);
  throw new Error(`${status} was expected, not ${answer.status} ${JSON.stringify(answer.body)}`);
};

/** The problem that an answer tells. Everything that every problem has is checked here. */
export const problemOf = (answer: Answer, status: number, code: ProblemCode): Problem => {
  const problem = read(answer, status, ProblemSchema);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(problem).toMatchObject({ status, code, requestId: answer.headers.get('x-request-id') });
  expect(problem.type).not.toBe('');
  expect(problem.title).not.toBe('');
  expect(problem.detail).not.toBe('');
  return problem;
};

/** Where the errors of a refused input point to. */
export const pointersOf = ({ errors }: Problem): string[] => (errors ?? []).map(({ pointer }) => pointer);

/** The first of a list that has to have one. */
export const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('The list is empty.');
  return item;
};
