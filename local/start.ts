import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_SMS_NUMBER } from './demo.ts';
import { seedDemo } from './seed.ts';
import { startStack, type Stack } from './stack.ts';

const LONGEST_STOP_MS = 4_500;

/** What a user may set; everything else follows from PORT and DATA_DIR. */
const SETTABLE = [
  'PUBLIC_BASE_URL',
  'TWILIO_API_BASE',
  'TELEGRAM_API_BASE',
  'CORS_ORIGINS',
  'SMTP_URL',
  'MAIL_FROM',
  'LOG_LEVEL',
  'PROVIDER_TIMEOUT_SECONDS',
  'LEASE_SECONDS',
  'REDISPATCH_SECONDS',
  'SETTLE_SECONDS',
  'QUEUE_WAIT_SECONDS',
  'PROBE_SECONDS',
];

const settings = (): Record<string, string> =>
  Object.fromEntries(
    SETTABLE.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );

const readPort = (): number => {
  const port = Number(process.env.PORT ?? '3000');
  if (Number.isInteger(port) && port > 0 && port <= 65_527) return port;
  throw new Error('PORT must be a number from 1 to 65527: the eight ports after it are used too');
};

const running: { stack?: Stack; announced: boolean } = { announced: false };

/** What serverless-offline says about each call would bury what the functions themselves say. */
const isNoise = (line: string): boolean =>
  line.trim() === '' ||
  /^\(λ: \w+\) RequestId: /.test(line) ||
  // Filling tenant demo is of no interest.
  (!running.announced && /^[A-Z]+ \S+ \(λ: \w+\)$/.test(line));

const log = (line: string): void => {
  if (!isNoise(line)) console.log(line);
};

const isUp = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );

const requireUp = async (urls: Stack['urls']): Promise<void> => {
  const pages = {
    ...urls,
    api: `${urls.api}/health`,
    webSocket: urls.webSocket.replace(/^ws/, 'http'),
    bus: `${urls.bus}/events?tenantId=none`,
    identity: `${urls.identity}/jwks`,
  };
  for (const [name, url] of Object.entries(pages).filter(([, each]) => each.startsWith('http'))) {
    if (!(await isUp(url))) throw new Error(`${name} does not answer at ${url}`);
  }
};

const announce = ({ urls }: Stack): void => {
  const rows = [
    ['API', urls.api],
    ['WebSockets', urls.webSocket],
    ['API reference', `${urls.api}/docs`],
    ['Provider simulator', urls.simulator],
    ['Mails', `${urls.simulator}/mails (sent to ${urls.mailbox})`],
    ['Identity provider', urls.identity],
    ['Events', `${urls.bus}/events`],
    ['Lambda', urls.lambda],
    ['DynamoDB', urls.dynamodb],
    ['SQS and S3', urls.queues],
  ];
  const inbound = {
    provider: 'twilio',
    address: DEMO_SMS_NUMBER,
    from: '+442079460123',
    text: 'Hello, is my order on its way?',
  };
  console.log(`ready

${rows.map(([name = '', url = '']) => `  ${name.padEnd(20)}${url}`).join('\n')}

Try it:

  # 1. Get a token for tenant demo
  TOKEN=$(curl -s ${urls.identity}/token -d grant_type=client_credentials -d tenant=demo -d user=ana -d role=admin | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

  # 2. Let a customer write an SMS
  curl -s ${urls.simulator}/simulator/inbound -H 'content-type: application/json' -d '${JSON.stringify(inbound)}'

  # 3. Read the chats
  curl -s ${urls.api}/crm/chats -H "authorization: Bearer $TOKEN"
`);
};

/** Before there is a stack, leaving is enough: what was begun goes with us. */
const stopOnSignals = (): void => {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    console.log('stopping');
    await Promise.race([running.stack?.stop(), sleep(LONGEST_STOP_MS)]);
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
};

const main = async (): Promise<void> => {
  const began = Date.now();
  const environment = settings();
  const port = readPort();
  console.log('Parley starts on this machine ...');
  stopOnSignals();
  const stack = await startStack({ port, dataDir: process.env.DATA_DIR ?? '.local', watch: true, environment, log });
  running.stack = stack;
  await requireUp(stack.urls);
  const real = { twilio: environment.TWILIO_API_BASE, telegram: environment.TELEGRAM_API_BASE };
  await seedDemo(stack, (provider) => real[provider] === undefined).catch((error: unknown) =>
    console.error(`Tenant demo could not be filled: ${String(error)}`),
  );
  announce(stack);
  running.announced = true;
  console.log(`Started in ${((Date.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops everything.`);
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
