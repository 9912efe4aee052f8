import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorCode } from './project.ts';

export interface DataDir {
  readonly path: string;
  /** False when everything goes at the end. */
  readonly kept: boolean;
  release(): void;
}

const TEMPORARY_PREFIX = 'parley-local-';

/** @returns how to let go of the lock, or undefined where another process holds it */
const lock = (directory: string): (() => void) | undefined => {
  // A SQLite lock is the kernel's: it goes with the process, so that a killed start never leaves a stale one.
  const database = new DatabaseSync(join(directory, 'lock'));
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch {
    database.close();
    return undefined;
  }
  return () => database.close();
};

const removeAbandoned = (): void => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(TEMPORARY_PREFIX))) {
    const path = join(tmpdir(), name);
    try {
      const release = lock(path);
      release?.();
      if (release !== undefined) rmSync(path, { recursive: true, force: true });
    } catch {
      // Someone else's, or already being removed.
    }
  }
};

const openTemporary = (): DataDir => {
  removeAbandoned();
  const path = mkdtempSync(join(tmpdir(), TEMPORARY_PREFIX));
  const unlock = lock(path);
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  return {
    path,
    kept: false,
    release: () => {
      process.off('exit', remove);
      unlock?.();
      remove();
    },
  };
};

/**
 * Opens the directory that holds a local run's data; `memory` gives one that is removed at the end.
 *
 * @throws Error when another run holds it
 */
export const openDataDir = (dataDir: string): DataDir => {
  if (dataDir === 'memory') return openTemporary();
  const path = resolve(dataDir);
  mkdirSync(path, { recursive: true });
  const release = lock(path);
  if (release === undefined) {
    throw new Error(
      `${path} is held by another npm start. Stop that one, or keep this one's data elsewhere: DATA_DIR=.local-2`,
    );
  }
  return { path, kept: true, release };
};

/** Replaces a file's content so that a crash leaves either the old or the new, never half of one. */
export const writeAtomically = (file: string, content: string): void => {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

/** The file's content, or undefined when there is none yet. */
export const readIfPresent = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Content that is made once and stays the same over restarts. */
export const keepInFile = async (file: string, make: () => string | Promise<string>): Promise<string> => {
  const kept = readIfPresent(file);
  if (kept !== undefined) return kept;
  const made = await make();
  writeAtomically(file, made);
  return made;
};

/** What signs the audit log's seals on one machine. */
export const AUDIT_KEY_FILE = 'audit-key';

/** 32 random bytes in base64, made once. */
export const keepKey = (directory: string, name: string): Promise<string> =>
  keepInFile(join(directory, name), () => randomBytes(32).toString('base64'));
