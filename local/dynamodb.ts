import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child.ts';
import { findJava, type Java } from './java.ts';
import { HOST } from './ports.ts';
import { type Log } from './project.ts';

const require = createRequire(import.meta.url);
const EMULATOR = join(dirname(require.resolve('amplify-dynamodb-simulator')), 'emulator');
const START_MS = 30_000;

/**
 * DynamoDB Local listens on all interfaces and has no option against it. A security manager lets it accept
 * connections from this machine only; Java 24 removed that: https://openjdk.org/jeps/486
 */
const LAST_JAVA_WITH_SECURITY_MANAGER = 23;
const LOOPBACK_ONLY = `grant {
  permission java.io.FilePermission "<<ALL FILES>>", "read,write,delete,execute,readlink";
  permission java.io.SerializablePermission "*";
  permission java.lang.RuntimePermission "*";
  permission java.lang.management.ManagementPermission "control";
  permission java.lang.management.ManagementPermission "monitor";
  permission java.lang.reflect.ReflectPermission "*";
  permission java.net.NetPermission "*";
  permission java.net.SocketPermission "localhost:*", "accept,connect,listen,resolve";
  permission java.security.SecurityPermission "*";
  permission java.util.PropertyPermission "*", "read,write";
  permission java.util.logging.LoggingPermission "control";
  permission javax.management.MBeanServerPermission "*";
  permission javax.management.MBeanPermission "*", "*";
  permission javax.management.MBeanTrustPermission "*";
};
`;

export interface DynamoDb {
  readonly url: string;
  /** Takes the table away, at once and without a chance to tidy up; what was committed stays on disk. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface DynamoDbOptions {
  readonly port: number;
  readonly directory: string;
  readonly log: Log;
}

const loopbackArguments = ({ version }: Java, directory: string, log: Log): string[] => {
  if (version > LAST_JAVA_WITH_SECURITY_MANAGER) {
    log(`dynamodb: with Java ${version} the emulator can be reached from other machines; Java 8 to 23 prevents it`);
    return [];
  }
  const policy = join(directory, 'loopback-only.policy');
  writeFileSync(policy, LOOPBACK_ONLY);
  return ['-Djava.security.manager', `-Djava.security.policy==${policy}`];
};

const command = (java: Java, { port, directory, log }: DynamoDbOptions): string[] => [
  java.command,
  '-Xmx1g',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  ...loopbackArguments(java, directory, log),
  `-Djava.library.path=${join(EMULATOR, 'DynamoDBLocal_lib')}`,
  '-jar',
  join(EMULATOR, 'DynamoDBLocal.jar'),
  ...['-disableTelemetry', '-port', String(port), '-dbPath', directory, '-sharedDb'],
];

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.body?.cancel().then(() => true) ?? true,
    () => false,
  );

/** On a busy port the emulator logs the error and lives on, so that its own line counts before any answer. */
const whenReady = async (child: Child, url: string, announced: Promise<void>): Promise<void> => {
  const died = child.exited.then((how) => Promise.reject(new Error(`it ended: ${how}`)));
  const ready = async (): Promise<void> => {
    await announced;
    while (!(await answers(url))) await sleep(25);
  };
  const late = sleep(START_MS, undefined, { ref: false }).then(() => Promise.reject(new Error('it did not answer')));
  await Promise.race([died, ready(), late]);
};

class DynamoDbLocal implements DynamoDb {
  readonly url: string;
  readonly #options: DynamoDbOptions;
  #child: Child | undefined;

  constructor(options: DynamoDbOptions) {
    this.#options = options;
    this.url = `http://${HOST}:${options.port}`;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const { directory, log } = this.#options;
    mkdirSync(directory, { recursive: true });
    const lines: string[] = [];
    const announcement = Promise.withResolvers<undefined>();
    const onLine = (line: string): void => {
      if (lines.length < 20) lines.push(line);
      if (line.startsWith('CorsParams:')) announcement.resolve(undefined);
      if (/Could not start server|Address already in use/.test(line)) announcement.reject(new Error(line));
    };
    const java = await findJava(log);
    this.#child = startChild({
      command: command(java, this.#options),
      cwd: directory,
      environment: process.env,
      onLine,
    });
    try {
      await whenReady(this.#child, this.url, announcement.promise);
    } catch (error) {
      await this.stop();
      throw new Error([`DynamoDB Local did not start: ${String(error)}`, ...lines].join('\n  '), { cause: error });
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    await child?.exited;
  }
}

/** Amazon's own emulator, on disk, not started yet. */
export const dynamoDbLocal = (options: DynamoDbOptions): DynamoDb => new DynamoDbLocal(options);
