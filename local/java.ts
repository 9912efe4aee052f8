import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { install } from 'njre';

const run = promisify(execFile);
const OLDEST = 8;
const FETCHED = 21;

export interface Java {
  readonly command: string;
  readonly version: number;
}

/** `1.8.0_402` is Java 8, `17.0.15` is 17. */
const parseVersion = (banner: string): number => {
  const [, first = '0', second = '0'] = /version "(\d+)(?:\.(\d+))?/.exec(banner) ?? [];
  return Number(first === '1' ? second : first);
};

const probe = async (command: string): Promise<Java | undefined> => {
  try {
    const { stderr } = await run(command, ['-version']);
    const version = parseVersion(stderr);
    return version >= OLDEST ? { command, version } : undefined;
  } catch {
    return undefined;
  }
};

const cacheDirectory = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'parley');

const findFetched = async (cache: string): Promise<Java | undefined> => {
  const home = join(cache, 'jre');
  if (!existsSync(home)) return undefined;
  for (const release of readdirSync(home)) {
    for (const binary of [join(home, release, 'bin/java'), join(home, release, 'Contents/Home/bin/java')]) {
      const java = existsSync(binary) ? await probe(binary) : undefined;
      if (java !== undefined) return java;
    }
  }
  return undefined;
};

const fetchOnce = async (say: (line: string) => void): Promise<Java | undefined> => {
  const cache = cacheDirectory();
  const before = await findFetched(cache);
  if (before !== undefined) return before;
  say(`No Java ${OLDEST} or newer on the PATH: fetching a Java ${FETCHED} runtime (about 50 MB) into ${cache}, once.`);
  mkdirSync(cache, { recursive: true });
  // njre puts the runtime beside the path it is given.
  await install(FETCHED, { installPath: join(cache, 'jre') });
  return findFetched(cache);
};

/**
 * The Java that runs DynamoDB Local: the PATH's, else one fetched into the user's cache.
 *
 * @throws Error that says what to install
 */
export const findJava = async (say: (line: string) => void): Promise<Java> => {
  const found = (await probe('java')) ?? (await fetchOnce(say).catch(() => undefined));
  if (found !== undefined) return found;
  throw new Error(
    `Java ${OLDEST} or newer is needed by DynamoDB Local and could not be fetched: install one (Debian: apt install default-jre-headless, macOS: brew install temurin)`,
  );
};
