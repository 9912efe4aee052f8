import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

/** A door before a service: while it is shut nothing listens, and who was inside is thrown out. */
export class Gate {
  readonly url: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(port: number) {
    this.#port = port;
    this.url = `http://${HOST}:${port}`;
  }

  /** Opens it to what listens at this address. */
  async open(target: string): Promise<void> {
    const port = Number(new URL(target).port);
    this.#server = createServer((socket) => this.#join(socket, connect(port, HOST)));
    this.#server.listen(this.#port, HOST);
    await once(this.#server, 'listening');
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(inside: Socket, outside: Socket): void {
    inside.pipe(outside).pipe(inside);
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

/** A gate at a free port, shut. */
export const newGate = async (): Promise<Gate> => {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return new Gate(port);
};
