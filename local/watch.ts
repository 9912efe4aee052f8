import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Functions } from './functions-process.ts';
import { ROOT, type Log } from './project.ts';

const WATCHED = ['functions', 'lib', 'resources'];
const QUIET_MS = 100;

/** Calls back once a flurry of changes to the functions' sources is over. */
const watchSources = (onChange: (file: string) => void): { close(): void } => {
  let timer: NodeJS.Timeout | undefined;
  const watchers = WATCHED.map((folder) =>
    watch(join(ROOT, folder), { recursive: true }, (_, file) => {
      if (file === null || !/\.(ts|yml|cjs|json)$/.test(file) || file.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => onChange(join(folder, file)), QUIET_MS);
    }),
  );
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
};

/** Restarts the functions when their sources change, one restart at a time. */
export const restartOnChange = (functions: Functions, log: Log): { close(): void } => {
  let restarting = Promise.resolve();
  const restart = async (file: string): Promise<void> => {
    const began = Date.now();
    await functions.restart();
    log(`functions: started again after a change of ${file}, in ${Date.now() - began} ms`);
    if (file.endsWith('.yml')) log('functions: new tables, queues and event sources come with the next npm start');
  };
  return watchSources((file) => {
    restarting = restarting.then(() => restart(file)).catch((error: unknown) => log(`functions: ${String(error)}`));
  });
};
