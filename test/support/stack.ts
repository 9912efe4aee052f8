import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const PROCESS = fileURLToPath(new URL('stack-process.ts', import.meta.url));
const logFile = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/.cache/parley/${name}.log`, import.meta.url));

export const UrlsSchema = z.object({
  api: z.string(),
  webSocket: z.string(),
  lambda: z.string(),
  dynamodb: z.string(),
  queues: z.string(),
  bus: z.string(),
  identity: z.string(),
  simulator: z.string(),
  mailbox: z.string(),
});
export type Urls = z.infer<typeof UrlsSchema>;

const StartedSchema = z.object({ urls: UrlsSchema, environment: z.record(z.string(), z.string()) });
type Started = z.infer<typeof StartedSchema>;

/** What a stack's process says. */
const MessageSchema = z.union([
  z.object({ ready: StartedSchema }),
  z.object({ failed: z.string() }),
  z.object({ id: z.number(), error: z.string().optional() }),
]);

export interface TestStack extends Started {
  /** Takes the table away and gives it back, with what it held. */
  readonly table: { stop(): Promise<void>; start(): Promise<void> };
  /** Ends the functions' process, and starts it again. */
  readonly functions: { kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>; start(): Promise<void> };
  stop(): Promise<void>;
}

/** The other end of a stack's process: sends orders, and waits for each to be done. */
class Remote {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<undefined>>();
  readonly #started = Promise.withResolvers<Started>();
  readonly #ended: Promise<unknown>;
  #orders = 0;

  constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#ended = once(child, 'exit');
    child.on('message', (message) => {
      this.#hear(message);
    });
    void this.#ended.then(() => {
      this.#started.reject(new Error(`The test stack ended; ${file} says why`));
    });
  }

  started(): Promise<Started> {
    return this.#started.promise;
  }

  async tell(order: Readonly<Record<string, string>>): Promise<void> {
    this.#orders += 1;
    const done = Promise.withResolvers<undefined>();
    this.#waiting.set(this.#orders, done);
    this.#child.send({ id: this.#orders, ...order });
    await done.promise;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  #hear(message: unknown): void {
    const heard = MessageSchema.parse(message);
    if ('ready' in heard) this.#started.resolve(heard.ready);
    else if ('failed' in heard) this.#started.reject(new Error(`The test stack did not start: ${heard.failed}`));
    else if (heard.error === undefined) this.#waiting.get(heard.id)?.resolve(undefined);
    else this.#waiting.get(heard.id)?.reject(new Error(heard.error));
  }
}

/**
 * Starts a stack in memory and on free ports, in about three seconds: one for all tests together, and one of its own
 * for a test that breaks things.
 *
 * @param name of the log in node_modules/.cache/parley
 */
export const startTestStack = async (
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestStack> => {
  const file = logFile(name);
  mkdirSync(dirname(file), { recursive: true });
  const remote = new Remote(fork(PROCESS, [JSON.stringify({ logFile: file, environment })], { execArgv: [] }), file);
  return {
    ...(await remote.started()),
    table: {
      stop: () => remote.tell({ order: 'stop-table' }),
      start: () => remote.tell({ order: 'start-table' }),
    },
    functions: {
      kill: (signal) => remote.tell({ order: 'kill-functions', signal }),
      start: () => remote.tell({ order: 'start-functions' }),
    },
    stop: () => remote.stop(),
  };
};
