import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Simulator, SimulatorOptions } from './channel.ts';
import { controlRoutes } from './control.ts';
import { Deliveries } from './delivery.ts';
import { FaultBook, faultRoutes } from './faults.ts';
import { createRouter, json, type Route } from './http.ts';
import { inboundRoutes } from './inbound.ts';
import { openJournal } from './journal.ts';
import { State } from './state.ts';
import { telegramRoutes } from './telegram-api.ts';
import { twilioRoutes } from './twilio-api.ts';
import { resumeCallbacks } from './twilio-callbacks.ts';

const HOST = '127.0.0.1';

const page = (pattern: string, file: string): Route => ({
  method: 'GET',
  pattern,
  handle: async () => ({
    status: 200,
    body: await readFile(new URL(file, import.meta.url)),
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }),
});

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

export interface RunningSimulator {
  readonly url: string;
  /** Ends callbacks and open answers too. */
  close(): Promise<void>;
}

/**
 * Starts Twilio's and Telegram's other side: as much of their APIs as the real client libraries need, callbacks and
 * updates signed as they sign them, calls that play the customer or break things, and a page to do so by hand; another one
 * shows what was mailed.
 */
export const startSimulator = async (options: SimulatorOptions): Promise<RunningSimulator> => {
  const faults = new FaultBook();
  const deliveries = new Deliveries();
  const url = (): string => `http://${HOST}:${portOf(server)}`;
  const state = new State(openJournal(options.dataDir));
  const simulator: Simulator = { options, state, faults, deliveries, url };
  const server = createRouter([
    page('/', 'page.html'),
    page('/mails', 'mails.html'),
    { method: 'GET', pattern: '/health', handle: () => json({ status: 'ok' }) },
    ...inboundRoutes(simulator),
    ...controlRoutes(simulator),
    ...faultRoutes(faults),
    ...twilioRoutes(simulator),
    ...telegramRoutes(simulator),
  ]);
  server.listen(options.port, HOST);
  await once(server, 'listening');
  resumeCallbacks(simulator);
  return {
    url: url(),
    close: async () => {
      deliveries.stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
