import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child.ts';
import type { WhenUp } from './invoke.ts';
import { HOST, type Ports } from './ports.ts';
import { ROOT, STAGE, type Log } from './project.ts';

const SERVERLESS = join(
  dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
  'bin/serverless.js',
);
const START_MS = 60_000;
const STOP_MS = 1_500;
const AFTER_CRASH_MS = 1_000;

export interface Functions {
  readonly whenUp: WhenUp;
  /** Ends the process without a word; it stays down until started again. */
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface FunctionsOptions {
  readonly ports: Ports;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST)
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const command = ({ api, lambda, webSocket }: Ports): string[] => [
  process.execPath,
  SERVERLESS,
  ...['offline', 'start', '--stage', STAGE, '--host', HOST, '--noSponsor'],
  ...['--httpPort', String(api), '--lambdaPort', String(lambda), '--websocketPort', String(webSocket)],
];

/** The functions in a process of their own under serverless-offline, so that they can be restarted alone. */
class FunctionsProcess implements Functions {
  readonly #options: FunctionsOptions;
  #child: Child | undefined;
  #up = Promise.withResolvers<undefined>();
  #isUp = false;
  #stopped = false;

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  readonly whenUp: WhenUp = async (signal) => {
    const aborted = Promise.withResolvers<undefined>();
    const onAbort = () => aborted.resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    await Promise.race([this.#up.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  };

  async start(): Promise<void> {
    if (this.#child !== undefined || this.#stopped) return;
    const { ports, environment, log } = this.#options;
    // The list of all routes at each start tells nothing; it is shown when the start fails.
    const banner: string[] = [];
    const onLine = (line: string) => (this.#isUp ? log(line) : banner.push(line));
    const child = startChild({ command: command(ports), cwd: ROOT, environment, onLine });
    this.#child = child;
    void child.exited.then((how) => this.#onExit(child, how));
    const deadline = Date.now() + START_MS;
    const needed = [ports.api, ports.lambda, ports.webSocket];
    while (this.#child === child && (await Promise.all(needed.map(listens))).includes(false)) {
      if (Date.now() > deadline) throw new Error(`The functions did not start within ${START_MS / 1000} s`);
      await sleep(25);
    }
    if (this.#child !== child) throw new Error(['The functions ended while starting:', ...banner].join('\n  '));
    this.#isUp = true;
    this.#up.resolve(undefined);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#letGo();
    child?.kill(signal);
    await child?.exited;
  }

  async restart(): Promise<void> {
    await this.kill('SIGKILL');
    await this.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#letGo()?.stop(STOP_MS);
  }

  #letGo(): Child | undefined {
    const child = this.#child;
    this.#child = undefined;
    // Who waits already goes on waiting for the same promise.
    if (this.#isUp) this.#up = Promise.withResolvers<undefined>();
    this.#isUp = false;
    return child;
  }

  async #onExit(child: Child, how: string): Promise<void> {
    if (this.#child !== child) return;
    const wasUp = this.#isUp;
    this.#letGo();
    this.#options.log(`functions: ended (${how})${wasUp ? ', starting them again' : ''}`);
    if (wasUp) await this.#revive();
  }

  async #revive(): Promise<void> {
    for (let wait = AFTER_CRASH_MS; this.#child === undefined && !this.#stopped; wait = Math.min(2 * wait, 30_000)) {
      await sleep(wait, undefined, { ref: false });
      await this.start().catch((error: unknown) => this.#options.log(`functions: ${String(error)}`));
    }
  }
}

/** The functions, not started yet. */
export const functionsProcess = (options: FunctionsOptions): Functions => new FunctionsProcess(options);
