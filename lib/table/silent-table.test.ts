import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { routeKey } from './keys.ts';
import { eventually } from '../../test/support/client.ts';

/** Takes requests, each on a connection of its own since none is answered, and never answers. */
const startSilence = async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stop = (): void => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return { url: `http://127.0.0.1:${String(port)}`, taken: () => sockets.size, stop };
};

it('a table that takes requests and never answers is noticed, while the provider that calls us still waits', async () => {
  const silence = await startSilence();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = silence.url;
  // As deployed: a table on one machine is given more.
  delete process.env.TABLE_TIMEOUT_SECONDS;
  const { get } = await import('./client.ts');
  const outcome = get(undefined, { Key: routeKey('health') }).catch((error: unknown) => error);
  try {
    await eventually(() => {
      expect(silence.taken()).toBe(2);
    }, 5_000);
  } finally {
    silence.stop();
  }
  expect(await outcome).toBeInstanceOf(Error);
});
