import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { readDefinitions } from './definitions.ts';
import { root } from './template-fixture.ts';

const keys = readDefinitions(root).map(({ key }) => key);

// Loads each bundle in a process that has nothing but what is in the zip, as Lambda does.
const loader = `
  const wrong = [];
  for (const key of ${JSON.stringify(keys)}) {
    const { handler } = await import('./' + key + '/index.mjs').catch((error) => ({ handler: error.message }));
    if (typeof handler !== 'function') wrong.push(key + ': ' + handler);
  }
  process.stdout.write(JSON.stringify(wrong));
`;

let directory: string;

const unpack = (key: string): readonly string[] => {
  const files = unzipSync(readFileSync(join(directory, 'zips', `${key}.zip`)));
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, key, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return Object.keys(files);
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-package-'));
  execFileSync(process.execPath, [join(root, 'resources', 'package.ts'), join(directory, 'zips')], { stdio: 'pipe' });
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the packages of the functions', () => {
  it('hold one bundle each, and the documentation page its assets', () => {
    for (const key of keys.filter((each) => each !== 'getDocsAsset')) expect(unpack(key)).toEqual(['index.mjs']);
    expect(unpack('getDocsAsset')).toEqual(
      expect.arrayContaining(['index.mjs', 'node_modules/swagger-ui-dist/swagger-ui.css']),
    );
  });

  it('load on their own and export a handler', () => {
    const wrong = execFileSync(process.execPath, ['--input-type=module', '--eval', loader], {
      cwd: directory,
      env: { AWS_REGION: 'eu-central-1' },
      encoding: 'utf8',
    });
    expect(JSON.parse(wrong)).toEqual([]);
  });
});
