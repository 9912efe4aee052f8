import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** Every local address follows from the API's port. */
export const portsFrom = (port: number) => ({
  api: port,
  webSocket: port + 1,
  lambda: port + 2,
  dynamodb: port + 3,
  queues: port + 4,
  bus: port + 5,
  identity: port + 6,
  simulator: port + 7,
  mailbox: port + 8,
});

export type Ports = ReturnType<typeof portsFrom>;

const PORTS_IN_A_ROW = 9;

/** Listening on all interfaces fails too when something holds the port on just one of them. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .once('listening', () => probe.close(() => resolve(true)));
    probe.listen({ port, host: HOST, exclusive: true });
  });

const busyPorts = async (ports: Ports): Promise<number[]> => {
  const checked = await Promise.all(Object.values(ports).map(async (port) => ({ port, free: await isFree(port) })));
  return checked.filter(({ free }) => !free).map(({ port }) => port);
};

/** @throws Error naming the ports that are taken and how to use others */
export const requireFreePorts = async (ports: Ports): Promise<void> => {
  const busy = await busyPorts(ports);
  if (busy.length === 0) return;
  const which = busy.length === 1 ? `Port ${busy.join()} is` : `Ports ${busy.join(', ')} are`;
  throw new Error(
    `${which} in use. Stop what listens there, or choose another range: PORT=${ports.api + 100} npm start`,
  );
};

/** The first port of a free range of nine, at a random place so that parallel runs do not meet. */
export const findFreeBasePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + PORTS_IN_A_ROW * Math.floor(Math.random() * 1_300);
    if ((await busyPorts(portsFrom(port))).length === 0) return port;
  }
  throw new Error('No nine free ports in a row were found between 20000 and 32000');
};
