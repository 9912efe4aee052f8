import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a command that dies with us, however we die: a watcher in its process group reads a pipe that only we
 * hold open, and kills the group at its end. `exec` keeps the process id the command's own.
 */
const DIE_WITH_PARENT = 'exec 3<&0; { cat <&3 >/dev/null; kill -KILL 0; } & exec "$@" 3<&- </dev/null';

export interface Child {
  readonly pid: number;
  /** Resolves with a description of how it ended. */
  readonly exited: Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when that has not helped within the grace. */
  stop(graceMs: number): Promise<void>;
}

interface ChildOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Receives each line of stdout and stderr. */
  readonly onLine: (line: string) => void;
}

const living = new Set<number>();

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group is gone already.
  }
};

process.on('exit', () => living.forEach((pid) => signalGroup(pid, 'SIGKILL')));

/** Starts a child in a process group of its own, so that Ctrl-C reaches us first and nothing is left behind. */
export const startChild = ({ command, cwd, environment, onLine }: ChildOptions): Child => {
  const child = spawn('/bin/sh', ['-c', DIE_WITH_PARENT, 'sh', ...command], {
    cwd,
    env: { ...environment },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Could not start ${command.join(' ')}`);
  living.add(pid);
  createInterface(child.stdout).on('line', onLine);
  createInterface(child.stderr).on('line', onLine);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      signalGroup(pid, 'SIGKILL');
      living.delete(pid);
      resolve(signal ?? `exit code ${String(code)}`);
    });
  });
  return {
    pid,
    exited,
    kill: (signal) => signalGroup(pid, signal),
    stop: async (graceMs) => {
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
      signalGroup(pid, 'SIGKILL');
      await exited;
    },
  };
};
