import { join } from 'node:path';
import { startBus } from './bus.ts';
import { deployBuses, readRules } from './bus-rules.ts';
import { Cleanup } from './cleanup.ts';
import { AUDIT_KEY_FILE, keepKey, openDataDir, type DataDir } from './data-dir.ts';
import { readDefinitions, type Definitions } from './definitions.ts';
import { Deployment } from './deployment.ts';
import { dynamoDbLocal } from './dynamodb.ts';
import { functionsEnvironment } from './environment.ts';
import { startEventSources } from './event-sources.ts';
import { findChannel, listDemoChannels } from './find-channel.ts';
import { functionsProcess } from './functions-process.ts';
import { startIdentity } from './identity.ts';
import { invokeThrough } from './invoke.ts';
import { startMailbox } from './mailbox.ts';
import { HOST, portsFrom, requireFreePorts, type Ports } from './ports.ts';
import { type Log } from './project.ts';
import { deployBuckets, deployQueues, startQueueServer } from './queues.ts';
import { startSimulator } from './simulator/server.ts';
import { deployTables, nameTables } from './table.ts';
import { restartOnChange } from './watch.ts';

const AUDIENCE = 'parley';

export interface StackOptions {
  /** The API's port; the eight after it are taken too. */
  readonly port: number;
  /** A directory, or `memory` to keep nothing. */
  readonly dataDir: string;
  /** Restart the functions when their sources change. */
  readonly watch?: boolean;
  /** How often scheduled functions run, whatever their schedule says. */
  readonly scheduleSeconds?: number;
  /** Variables of the functions that shall differ. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log: Log;
}

const urlsOf = (ports: Ports) => ({
  api: `http://${HOST}:${ports.api}`,
  webSocket: `ws://${HOST}:${ports.webSocket}`,
  lambda: `http://${HOST}:${ports.lambda}`,
  dynamodb: `http://${HOST}:${ports.dynamodb}`,
  queues: `http://${HOST}:${ports.queues}`,
  bus: `http://${HOST}:${ports.bus}`,
  identity: `http://${HOST}:${ports.identity}`,
  simulator: `http://${HOST}:${ports.simulator}`,
  mailbox: `smtp://${HOST}:${ports.mailbox}`,
});

interface Base {
  readonly options: StackOptions;
  readonly ports: Ports;
  readonly urls: ReturnType<typeof urlsOf>;
  readonly dataDir: DataDir;
  readonly definitions: Definitions;
  readonly deployment: Deployment;
  readonly cleanup: Cleanup;
}

const prepare = async (options: StackOptions, cleanup: Cleanup): Promise<Base> => {
  const ports = portsFrom(options.port);
  const dataDir = openDataDir(options.dataDir);
  cleanup.add(() => dataDir.release());
  await requireFreePorts(ports);
  const definitions = readDefinitions();
  return {
    options,
    ports,
    urls: urlsOf(ports),
    dataDir,
    definitions,
    deployment: new Deployment(definitions),
    cleanup,
  };
};

const startQueuesAndBus = async ({ ports, urls, dataDir, deployment, cleanup, options }: Base): Promise<void> => {
  const queues = await startQueueServer(ports.queues, dataDir.kept ? join(dataDir.path, 'queues') : undefined);
  cleanup.add(() => queues.stop());
  await deployQueues(deployment, urls.queues);
  await deployBuckets(deployment, urls.queues);
  const busNames = deployBuses(deployment);
  const rules = readRules(deployment);
  const bus = await startBus({ port: ports.bus, busNames, rules, sqsEndpoint: urls.queues, log: options.log });
  cleanup.add(() => bus.stop());
};

const makeEnvironment = async (base: Base): Promise<Record<string, string>> => {
  const { ports, urls, dataDir, definitions, deployment, cleanup, options } = base;
  const identity = await startIdentity({ port: ports.identity, directory: dataDir.path, audience: AUDIENCE });
  cleanup.add(() => identity.stop());
  const values = {
    PUBLIC_BASE_URL: urls.api,
    REALTIME_URL: urls.webSocket,
    JWT_ISSUER: identity.issuer,
    JWT_AUDIENCE: AUDIENCE,
    JWKS_URI: identity.jwksUri,
    CREDENTIALS_KEY: await keepKey(dataDir.path, 'credentials-key'),
    AUDIT_KEY: await keepKey(dataDir.path, AUDIT_KEY_FILE),
    CURSOR_KEY: await keepKey(dataDir.path, 'cursor-key'),
    TWILIO_API_BASE: urls.simulator,
    TELEGRAM_API_BASE: urls.simulator,
    CORS_ORIGINS: '',
    SMTP_URL: urls.mailbox,
    MAIL_FROM: 'Parley <parley@localhost.localdomain>',
    // A developer's other system runs beside this one.
    WEBHOOK_PRIVATE_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'WARN',
    ...options.environment,
  };
  const environment = functionsEnvironment({ definitions, deployment, endpoints: urls, values });
  // What runs in this process, the simulator's look at channels above all, finds the table as the functions do.
  Object.assign(process.env, environment);
  delete process.env.AWS_PROFILE;
  return environment;
};

const start = async (base: Base) => {
  const { options, ports, urls, dataDir, definitions, deployment, cleanup } = base;
  const { log } = options;
  const dynamodb = dynamoDbLocal({ port: ports.dynamodb, directory: join(dataDir.path, 'dynamodb'), log });
  cleanup.add(() => dynamodb.stop());
  nameTables(deployment);
  const tables = dynamodb.start().then(() => deployTables(deployment, urls.dynamodb));
  // Both take a second or two, so that they start side by side; a failure is met below.
  tables.catch(() => undefined);
  await startQueuesAndBus(base);
  const environment = await makeEnvironment(base);
  const functions = functionsProcess({ ports, environment: process.env, log });
  cleanup.add(() => functions.stop());
  await Promise.all([tables, functions.start()]);

  const directory = dataDir.kept ? join(dataDir.path, 'simulator') : undefined;
  const mailbox = await startMailbox(ports.mailbox);
  cleanup.add(() => mailbox.stop());
  const simulator = await startSimulator({
    port: ports.simulator,
    dataDir: directory,
    apiBase: urls.api,
    mails: mailbox,
    listChannels: listDemoChannels,
    findChannel,
  });
  cleanup.add(() => simulator.close());
  const pollers = startEventSources({
    definitions,
    deployment,
    endpoints: urls,
    directory: dataDir.path,
    scheduleSeconds: options.scheduleSeconds ?? 5,
    invoke: invokeThrough(urls.lambda),
    whenUp: functions.whenUp,
    log,
  });
  for (const poller of pollers) cleanup.add(() => poller.stop());
  if (options.watch === true) {
    const watcher = restartOnChange(functions, log);
    cleanup.add(() => watcher.close());
  }
  return { urls, environment, dynamodb, functions };
};

/**
 * Starts the whole system on one machine. The functions' variables are put into `process.env` too, so that code
 * in this process reaches the same table and queues.
 *
 * @throws Error with one clear line when a port is taken, the data directory is held, or Java is missing
 */
export const startStack = async (options: StackOptions) => {
  const cleanup = new Cleanup();
  try {
    const { urls, environment, dynamodb, functions } = await start(await prepare(options, cleanup));
    return {
      urls,
      /** Every variable the functions get. */
      environment,
      /** Takes the table away and gives it back, with what it held. */
      table: { stop: () => dynamodb.stop(), start: () => dynamodb.start() },
      /** Ends the functions' process, and starts it again. */
      functions: { kill: (signal: NodeJS.Signals) => functions.kill(signal), start: () => functions.start() },
      stop: () => cleanup.run(options.log),
    };
  } catch (error) {
    await cleanup.run(options.log);
    throw error;
  }
};

export type Stack = Awaited<ReturnType<typeof startStack>>;
