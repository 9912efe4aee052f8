import * as z from 'zod';
import type { Simulator } from './channel.ts';
import { json, parseBody, type Route, type SimulatorRequest } from './http.ts';
import { deliverUpdate, hasChat, memberUpdate, updatePost } from './telegram-updates.ts';
import { readAll } from './twilio-callbacks.ts';
import { plain } from './twilio-refusals.ts';

/** A number from a query, where an unescaped `+` has become a space. */
const addressIn = (query: URLSearchParams, name: string): string | undefined => {
  const value = query.get(name);
  return value === null ? undefined : plain(value.replace(/^ /, '+').replace('whatsapp: ', 'whatsapp:+'));
};

/** What the providers were asked to send, in order, with how often. */
const outbox = ({ state }: Simulator, { query }: SimulatorRequest) => {
  const [to, provider] = [addressIn(query, 'to'), query.get('provider')];
  const items = state.outbox().filter((row) => (!to || row.to === to) && (!provider || row.provider === provider));
  return json({
    items: items.map((row) => ({
      ...row,
      status: state.message(row.providerMessageId ?? '')?.status ?? (row.accepted > 0 ? 'sent' : 'not accepted'),
    })),
  });
};

const BlockedSchema = z.strictObject({
  chatId: z.union([z.number().transform(String), z.string().regex(/^\d+$/)]),
  blocked: z.boolean(),
});

/** The customer blocks every bot, or lets them write again; each bot of theirs that asked for such updates is told. */
const setBlocked = async ({ state, deliveries }: Simulator, request: SimulatorRequest) => {
  const { chatId, blocked } = parseBody(BlockedSchema, request);
  state.record({ type: 'blocked', chatId, blocked });
  const bots = state
    .bots()
    .filter(
      ({ token, url, allowedUpdates }) =>
        url !== '' &&
        hasChat(state, token, chatId) &&
        (allowedUpdates.length === 0 || allowedUpdates.includes('my_chat_member')),
    );
  const statuses = await Promise.all(
    bots.map(({ token, url, secret }) =>
      deliverUpdate(deliveries, updatePost(url, secret, memberUpdate(state, token, Number(chatId), blocked))),
    ),
  );
  return json({ chatId, blocked, statuses });
};

const providerOf = (transport: string): string => (transport === 'telegram' ? 'telegram' : 'twilio');

/** The channels that are known beforehand, and those met so far: bots that set a webhook, whatever was written to or from. */
const channels = async ({ state, options }: Simulator) => {
  const known = (await options.listChannels?.()) ?? [];
  const bots = state.bots().filter(({ url }) => url !== '');
  const met = [
    ...known.map(({ transport, address }) => ({ provider: providerOf(transport), transport, address })),
    ...bots.map(({ token }) => ({
      provider: 'telegram',
      transport: 'telegram',
      address: `@parley_${token.split(':')[0]}_bot`,
    })),
    ...state.received().map(({ provider, transport, address }) => ({ provider, transport, address })),
    ...state.outbox().map(({ provider, transport, from }) => ({ provider, transport, address: from })),
  ];
  const items = new Map(met.map((channel) => [`${channel.transport} ${channel.address}`, channel]));
  return json({ items: [...items.values()] });
};

/** Both sides of what a customer and a channel wrote, oldest first. */
const conversation = ({ state }: Simulator, { query }: SimulatorRequest) => {
  const transport = query.get('transport');
  const [address, customer] = [addressIn(query, 'address'), addressIn(query, 'customer')];
  const sent = state
    .received()
    .filter((row) => row.transport === transport && row.address === address && row.from === customer)
    .map(({ text, media, status, at }) => ({ side: 'customer', text, media, note: `answered ${status}`, at }));
  const got = state
    .outbox()
    .filter((row) => row.transport === transport && row.from === address && row.to === customer && row.accepted > 0)
    .map(({ text, media, attachments, at, accepted, providerMessageId }) => ({
      side: 'system',
      text,
      media: media.length,
      files: attachments.map(({ name, url }) => ({ name, url })),
      note: [
        state.message(providerMessageId ?? '')?.status ?? 'sent',
        ...(accepted > 1 ? [`${accepted} times`] : []),
      ].join(', '),
      at,
    }));
  return json({ items: [...sent, ...got].toSorted((one, other) => one.at.localeCompare(other.at)) });
};

const ReadSchema = z.strictObject({ to: z.string().min(1) });

/** Mails to somebody, or to anybody. */
const mails = ({ options }: Simulator, { query }: SimulatorRequest) =>
  json({ items: options.mails?.list(query.get('to') ?? undefined) ?? [] });

/** What tests and the page ask for. */
export const controlRoutes = (simulator: Simulator): readonly Route[] => [
  { method: 'GET', pattern: '/simulator/outbox', handle: (request) => outbox(simulator, request) },
  {
    method: 'DELETE',
    pattern: '/simulator/outbox',
    handle: () => {
      simulator.state.record({ type: 'outbox-cleared' });
      return json({ items: [] });
    },
  },
  { method: 'GET', pattern: '/simulator/mails', handle: (request) => mails(simulator, request) },
  {
    method: 'DELETE',
    pattern: '/simulator/mails',
    handle: () => {
      simulator.options.mails?.clear();
      return json({ items: [] });
    },
  },
  { method: 'PUT', pattern: '/simulator/blocked', handle: (request) => setBlocked(simulator, request) },
  {
    method: 'POST',
    pattern: '/simulator/read',
    handle: async (request) => json({ read: await readAll(simulator, parseBody(ReadSchema, request).to) }),
  },
  { method: 'GET', pattern: '/simulator/channels', handle: () => channels(simulator) },
  { method: 'GET', pattern: '/simulator/conversation', handle: (request) => conversation(simulator, request) },
];
