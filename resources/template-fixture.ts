import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { readDefinitions } from './definitions.ts';
import { type Resource, type Template, TemplateSchema } from './template.ts';

/** The repository. */
export const root = join(import.meta.dirname, '..');

const packageIn = (directory: string): string => {
  const definitions = globSync('functions/*/functions.yml', { cwd: root });
  for (const path of ['serverless.yml', 'package.json', 'resources', ...definitions]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    cpSync(join(root, path), join(directory, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  mkdirSync(join(directory, '.build'));
  for (const { key } of readDefinitions(root)) writeFileSync(join(directory, '.build', `${key}.zip`), zipSync({}));
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  // Of the environment only the path: there are no credentials, and nothing else can decide what comes out.
  execFileSync(process.execPath, [serverless, 'package', '--stage', 'prod'], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory },
    stdio: 'pipe',
  });
  return readFileSync(join(directory, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8');
};

const packagedText = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-template-'));
  try {
    return packageIn(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** Questions about a template. */
const looking = (template: Template) => ({
  template,
  resourcesOf: (type: string): readonly (readonly [string, Resource])[] =>
    Object.entries(template.Resources).filter(([, resource]) => resource.Type === type),
  resource: (id: string): Resource => {
    const found = template.Resources[id];
    if (found === undefined) throw new Error(`The template has no ${id}`);
    return found;
  },
});

/** The template of stage prod, packaged from a copy, so that nothing in the repository is touched or waited for. */
export const packagedTemplate = () => looking(TemplateSchema.parse(JSON.parse(packagedText())));

/** A string as it is, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
