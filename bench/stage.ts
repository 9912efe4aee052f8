import { on, once } from 'node:events';
import * as z from 'zod';
import { newAccountSid, newNumber, newPhone } from '../test/support/random.ts';
import { addressOf, postTwilio, smsForm } from '../test/support/webhooks.ts';
import { call, fetchToken, type Answer } from '../local/http-client.ts';
import type { Urls } from '../test/support/stack.ts';

const IdSchema = z.looseObject({ id: z.string() });
const ChannelSchema = IdSchema.extend({ webhookUrl: z.string() });
const TicketSchema = z.looseObject({ url: z.string() });
const FrameSchema = z.looseObject({ type: z.string() });
const PushSchema = z.tuple([
  z.looseObject({ data: z.string().transform((frame) => FrameSchema.parse(JSON.parse(frame))) }),
]);
const ListSchema = z.object({ items: z.array(IdSchema) });

const expectStatus = (answer: Answer, ...statuses: number[]): Answer => {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(
    `The benchmark expected ${statuses.join(' or ')}, not ${answer.status}: ${JSON.stringify(answer.body)}`,
  );
};

/** A tenant with an SMS channel, clients, and one long chat. */
export interface Stage {
  readonly operations: Readonly<Record<string, () => Promise<unknown>>>;
  /** From accepting a message until the provider has it, in milliseconds. */
  readonly timeToProvider: () => Promise<number>;
  /** From adding a client until a search finds it, in milliseconds. */
  readonly timeToFound: () => Promise<number>;
  /** From handing a webhook over until the message is told on a WebSocket, in milliseconds. */
  readonly timeToTold: () => Promise<number>;
}

const CLIENTS = 60;
const MESSAGES = 200;

/** Fills a tenant over HTTP, as users and the provider would. */
export const setStage = async (urls: Urls, tenant: string): Promise<Stage> => {
  const headers = {
    authorization: `Bearer ${await fetchToken(urls.identity, { tenant, user: 'bench', role: 'admin' })}`,
  };
  const at = (path: string): string => `${urls.api}${path}`;
  const get = async (path: string) => expectStatus(await call('GET', at(path), { headers }), 200);
  const post = async (path: string, body: unknown) =>
    expectStatus(await call('POST', at(path), { headers, body }), 200, 201, 202);

  const credentials = { accountSid: newAccountSid(), authToken: 'bench-auth-token' };
  const connecting = { transport: 'sms', provider: 'twilio', address: newNumber(), credentials };
  const channel = ChannelSchema.parse((await post('/crm/channels', connecting)).body);
  const phones = Array.from({ length: CLIENTS }, newPhone);
  const clients: string[] = [];
  for (const phone of phones) {
    clients.push(IdSchema.parse((await post('/crm/clients', { firstName: 'Bench', phone })).body).id);
  }
  const write = async (from: string | undefined) => {
    const form = smsForm({ From: from ?? '', To: connecting.address, AccountSid: credentials.accountSid });
    return expectStatus(await postTwilio(addressOf(channel), form, credentials.authToken), 200);
  };
  const [chat = '', ...others] = clients;
  for (let count = 0; count < MESSAGES; count += 1) await write(phones[0]);
  for (const phone of phones.slice(1, 40)) await write(phone);

  const unread = ListSchema.parse((await get(`/crm/chats/${chat}/messages?limit=100`)).body).items.map(({ id }) => id);
  let turn = 0;
  const next = <Value>(values: readonly Value[]): Value | undefined => values[(turn += 1) % values.length];
  const send = async () =>
    IdSchema.parse((await post(`/crm/chats/${next(others.slice(0, 30)) ?? chat}/messages`, { text: 'Hello' })).body).id;

  const socket = new WebSocket(TicketSchema.parse((await post('/crm/realtime/tickets', undefined)).body).url);
  await once(socket, 'open');

  return {
    operations: {
      'bare table read': async () => expectStatus(await call('GET', at('/bench/bare-read')), 200),
      'get client': () => get(`/crm/clients/${next(clients) ?? ''}`),
      'list clients (50)': () => get('/crm/clients'),
      'search clients, two words': () => get('/crm/clients/search?q=bench%20901'),
      'create client': () => post('/crm/clients', { firstName: 'Bench', phone: newPhone() }),
      'list chats (50)': () => get('/crm/chats'),
      'list unread chats (50)': () => get('/crm/chats?unread=true'),
      'open chat (50 messages)': () => get(`/crm/chats/${chat}`),
      'send message (accepted)': send,
      'webhook, known sender': () => write(phones[1]),
      'webhook, new sender': () => write(newPhone()),
      'mark one message read': async () =>
        expectStatus(await call('PUT', at(`/crm/chats/${chat}/messages/${unread.pop() ?? ''}/read`), { headers }), 200),
    },
    timeToFound: async () => {
      const phone = newPhone();
      const started = performance.now();
      await post('/crm/clients', { firstName: 'Bench', phone });
      for (;;) {
        const { body } = await get(`/crm/clients/search?q=${encodeURIComponent(phone)}`);
        if (ListSchema.parse(body).items.length > 0) return performance.now() - started;
      }
    },
    timeToTold: async () => {
      const frames = on(socket, 'message');
      const started = performance.now();
      await write(phones[1]);
      for await (const frame of frames) {
        const [{ data }] = PushSchema.parse(frame);
        if (data.type === 'message.created') break;
      }
      return performance.now() - started;
    },
    timeToProvider: async () => {
      const target = others.at(-1) ?? chat;
      const started = performance.now();
      const { id } = IdSchema.parse(
        (await post(`/crm/chats/${target}/messages`, { text: 'Hello', channelId: channel.id })).body,
      );
      for (;;) {
        const { status } = z
          .object({ status: z.string() })
          .parse((await get(`/crm/chats/${target}/messages/${id}`)).body);
        if (status !== 'queued' && status !== 'sending') return performance.now() - started;
      }
    },
  };
};
