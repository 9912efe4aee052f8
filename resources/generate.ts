// Run by `npm run openapi`, which writes, and by `npm run check`, which compares: `node resources/generate.ts [--check]`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { openapi } from '../lib/contract/openapi.ts';
import { catalogue } from '../lib/events/catalogue.ts';

const OPENAPI = 'docs/openapi.json';
const EVENTS = 'docs/events';

// As input: an event may gain fields, and a consumer that validates by the schema of today must not refuse them.
const eventSchema = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });

const pretty = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** Every generated document: its path in the repository, and what it has to say. */
const documents = (): ReadonlyMap<string, string> =>
  new Map([
    [OPENAPI, pretty(openapi())],
    ...Object.entries(catalogue).map(([type, schema]): [string, string] => [
      `${EVENTS}/${type}.json`,
      pretty(eventSchema(schema)),
    ]),
  ]);

const filesUnder = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** Schemas of events that are no longer in the catalogue. */
const leftovers = (root: string, current: ReadonlyMap<string, string>): string[] =>
  filesUnder(join(root, EVENTS))
    .map((name) => `${EVENTS}/${name}`)
    .filter((path) => !current.has(path));

const isCurrent = (path: string, content: string): boolean =>
  existsSync(path) && readFileSync(path, 'utf8') === content;

/** The generated files under `root` that are missing, left over, or not what the schemas say today. */
export const findStale = (root: string): string[] => {
  const current = documents();
  const changed = [...current].filter(([path, content]) => !isCurrent(join(root, path), content));
  return [...changed.map(([path]) => path), ...leftovers(root, current)];
};

/** Writes the OpenAPI document and a JSON Schema for every event. */
export const generate = (root: string): void => {
  const current = documents();
  for (const path of leftovers(root, current)) rmSync(join(root, path), { recursive: true });
  for (const [path, content] of current) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
};

const check = (root: string): void => {
  const stale = findStale(root);
  for (const path of stale) console.error(`${path} is stale: run npm run openapi`);
  process.exitCode = stale.length === 0 ? 0 : 1;
};

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  if (process.argv.includes('--check')) check(root);
  else generate(root);
}
