import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Webhook } from '../../lib/providers/provider.ts';
import { type RunningSimulator, startSimulator } from './server.ts';

export const twilioCredentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'token-of-the-account' };
export const telegramCredentials = { botToken: '123456:ABC-DEF', webhookSecret: 'secret_of_the_bot' };

/** For tests: a simulator, and the system it delivers to, which notes webhooks and answers as told. */
export interface TestSystem extends AsyncDisposable {
  readonly simulator: RunningSimulator;
  readonly api: string;
  readonly dataDir: string;
  readonly webhooks: readonly Webhook[];
  /** Waits until there are so many webhooks. */
  received(count: number): Promise<readonly Webhook[]>;
  answerWith(status: number): void;
  restart(): Promise<void>;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

const channelsOf = (api: string) =>
  [
    { channelId: 'sms', provider: 'twilio', transport: 'sms', address: '+15005550006', credentials: twilioCredentials },
    {
      channelId: 'wa',
      provider: 'twilio',
      transport: 'whatsapp',
      address: '+15005550006',
      credentials: twilioCredentials,
    },
    {
      channelId: 'wa-only',
      provider: 'twilio',
      transport: 'whatsapp',
      address: '+14155238886',
      credentials: twilioCredentials,
    },
    {
      channelId: 'tg',
      provider: 'telegram',
      transport: 'telegram',
      address: '@parley_123456_bot',
      credentials: telegramCredentials,
    },
  ].map((channel) => ({
    ...channel,
    webhookUrl:
      channel.provider === 'twilio'
        ? `${api}/crm/webhooks/twilio/${channel.channelId}#rc=2&rp=5xx,ct,rt`
        : `${api}/tg/webhook/${channel.channelId}`,
  }));

const start = (api: string, dataDir: string) =>
  startSimulator({
    port: 0,
    dataDir,
    apiBase: api,
    findChannel: (query) =>
      Promise.resolve(
        channelsOf(api).find((channel) =>
          'channelId' in query
            ? channel.channelId === query.channelId && channel.provider === query.provider
            : channel.address === query.address && channel.transport === query.transport,
        ),
      ),
  });

export const startTestSystem = async (): Promise<TestSystem> => {
  const webhooks: Webhook[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      webhooks.push({ url: `${api}${request.url ?? ''}`, headers, body, receivedAt: new Date().toISOString() });
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const api = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  let simulator = await start(api, dataDir);
  return {
    get simulator() {
      return simulator;
    },
    api,
    dataDir,
    webhooks,
    received: async (count) => {
      for (let waited = 0; webhooks.length < count && waited < 5_000; waited += 10) await delay(10);
      return webhooks;
    },
    answerWith: (next) => {
      status = next;
    },
    restart: async () => {
      await simulator.close();
      simulator = await start(api, dataDir);
    },
    call: async (method, path, body) => {
      const response = await fetch(`${simulator.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const parsed: unknown = await response.json();
      return { status: response.status, body: parsed };
    },
    [Symbol.asyncDispose]: async () => {
      await simulator.close();
      server.close();
      server.closeAllConnections();
      await rm(dataDir, { recursive: true });
    },
  };
};
