import { ok, type Reply } from './serve.ts';

interface Wish {
  readonly format?: 'json' | 'csv' | undefined;
  readonly accept: string;
}

/** Somebody who takes a table, and names it before anything else that we have. */
const prefersTable = (accept: string): boolean => {
  const kinds = accept.split(',').map((kind) => kind.split(';')[0]?.trim().toLowerCase());
  return kinds.find((kind) => kind === 'text/csv' || kind === 'application/json') === 'text/csv';
};

/** The answer as a table, where that is asked for; what the address says goes before what the header does. */
export const inForm = <Body>(body: Body, sheet: (body: Body) => string, { format, accept }: Wish): Reply<Body> => {
  const isTable = format === undefined ? prefersTable(accept) : format === 'csv';
  return { ...ok(body), ...(isTable && { csv: sheet(body) }), headers: { vary: 'Origin, Accept' } };
};
