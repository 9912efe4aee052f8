import { request } from 'node:http';
import { once } from 'node:events';
import * as z from 'zod';
import { ChangeSchema, PresenceSchema, ReplySchema, TicketSchema } from '../../lib/contract/realtime.ts';
import { read } from './answers.ts';
import { eventually, type Api } from './client.ts';

const HeardSchema = z.union([ChangeSchema, PresenceSchema, ReplySchema]);
export type Heard = z.infer<typeof HeardSchema>;

/** A WebSocket address for one connection. */
export const ticketOf = async (user: Api): Promise<string> =>
  read(await user.post('/crm/realtime/tickets'), 201, TicketSchema).url;

/** One user's connection, and all that was heard on it. */
export class Socket {
  readonly heard: Heard[] = [];
  readonly #socket: WebSocket;
  #closed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.heard.push(HeardSchema.parse(JSON.parse(String(data)))));
    socket.addEventListener('close', () => {
      this.#closed = true;
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** What of this type was heard of this. */
  of<Type extends Heard['type']>(type: Type, id?: string): Extract<Heard, { type: Type }>[] {
    const isWanted = (heard: Heard): heard is Extract<Heard, { type: Type }> =>
      heard.type === type && (id === undefined || ('id' in heard && heard.id === id));
    return this.heard.filter(isWanted);
  }

  /** The latest of this type, as soon as there is one that passes. */
  hears<Type extends Heard['type']>(
    type: Type,
    check: (heard: Extract<Heard, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Heard, { type: Type }>> {
    return eventually(() => {
      const found = this.of(type).findLast(check);
      if (found === undefined) throw new Error(`${type} was not heard: ${JSON.stringify(this.heard)}`);
      return found;
    }, 15_000);
  }

  /** All that was sent before has been handled by now. */
  async settle(): Promise<void> {
    const pongs = this.of('pong').length;
    this.send({ type: 'ping' });
    await eventually(() => expect(this.of('pong').length).toBeGreaterThan(pongs));
  }

  close(): void {
    this.#socket.close();
  }
}

const open = new Set<Socket>();

/** Connects; the connections of a test file are closed by `closeSockets`. */
export const connect = async (user: Api): Promise<Socket> => {
  const native = new WebSocket(await ticketOf(user));
  const socket = new Socket(native);
  open.add(socket);
  await once(native, 'open');
  return socket;
};

export const closeSockets = (): void => {
  for (const socket of open) socket.close();
  open.clear();
};

/** With which status an address answers who wants to open a WebSocket: 101 where it may. */
export const knockAt = async (url: string): Promise<number> => {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from(crypto.randomUUID().slice(0, 16)).toString('base64'),
  };
  const knocking = request(url.replace(/^ws/, 'http'), { headers }).end();
  const answered = Promise.withResolvers<number>();
  knocking.once('error', answered.reject);
  knocking.once('response', (response) => {
    response.resume();
    answered.resolve(response.statusCode ?? 0);
  });
  knocking.once('upgrade', (_, socket) => {
    socket.destroy();
    answered.resolve(101);
  });
  return answered.promise;
};
