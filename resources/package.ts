// Run by `npm run package`: `node resources/package.ts [directory]`.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { type Definition, readDefinitions } from './definitions.ts';

interface Packaged {
  readonly key: string;
  /** Bytes of the bundle, before and after zipping. */
  readonly bundle: number;
  readonly zip: number;
}

// What a function needs beside its bundle. The documentation page serves Swagger UI's files as they are, found
// with `require.resolve('swagger-ui-dist/…')`.
const extras: Readonly<Record<string, { module: string; files: readonly string[] }>> = {
  getDocsAsset: {
    module: 'swagger-ui-dist',
    files: ['package.json', 'LICENSE', 'NOTICE', 'absolute-path.js', 'swagger-ui-bundle.js', 'swagger-ui.css'],
  },
};

// CommonJS dependencies call `require` for Node's own modules, which an ES module does not have.
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  'const require = createRequireOfBundle(import.meta.url);';

// The SDK is bundled and not taken from the runtime: the version is the tested one, and only what is used loads.
const bundle = (root: string, out: string, definitions: readonly Definition[]) =>
  build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      definitions.map(({ key, handler }) => [`${key}/index`, handler.replace(/\.handler$/, '.ts')]),
    ),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: Object.values(extras).map(({ module }) => module),
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'external',
    logLevel: 'warning',
  });

const copyExtras = (key: string, folder: string): readonly string[] => {
  const extra = extras[key];
  if (extra === undefined) return [];
  const from = dirname(createRequire(import.meta.url).resolve(`${extra.module}/package.json`));
  const paths = extra.files.map((file) => join('node_modules', extra.module, file));
  for (const [at, path] of paths.entries()) cpSync(join(from, extra.files[at] ?? ''), join(folder, path));
  return paths;
};

// Local time on purpose: zip stores it without a zone, so the same files make the same bytes anywhere, and an
// unchanged function is not deployed again.
const epoch = new Date(1980, 0, 1);

const zipped = (folder: string, paths: readonly string[]): Uint8Array => {
  const files: Zippable = Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path))]));
  return zipSync(files, { level: 6, mtime: epoch });
};

/**
 * Bundles every function that functions.yml defines and zips each into `<out>/<key>.zip`, handler
 * `index.handler`. Source maps stay beside the zips.
 *
 * @throws Error when a handler is missing or cannot be bundled
 */
const packageFunctions = async (root: string, out: string): Promise<readonly Packaged[]> => {
  const definitions = readDefinitions(root);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await bundle(root, out, definitions);
  return definitions.map(({ key }) => {
    const folder = join(out, key);
    const zip = zipped(folder, ['index.mjs', ...copyExtras(key, folder)]);
    writeFileSync(`${folder}.zip`, zip);
    return { key, bundle: readFileSync(join(folder, 'index.mjs')).length, zip: zip.length };
  });
};

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1024)} KB`;

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const started = performance.now();
  const out = process.argv[2] ?? join(root, '.build');
  const packaged = await packageFunctions(root, out);
  const [largest] = packaged.toSorted((a, b) => b.bundle - a.bundle);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Bundled ${packaged.length} functions into ${out} in ${seconds} s.`);
  if (largest !== undefined)
    console.log(`Largest: ${largest.key}, ${kilobytes(largest.bundle)}, ${kilobytes(largest.zip)} zipped.`);
}
