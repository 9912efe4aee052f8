import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Channel } from '../../lib/contract/channels.ts';
import { MessageSchema, type Message, type MessageStatus } from '../../lib/contract/messages.ts';
import { DomainEventSchema, type DomainEvent } from '../../lib/events/catalogue.ts';
import { call } from '../../local/http-client.ts';
import { first, read } from '../support/answers.ts';
import { api, newTenant, sharedUrls, simulator, token } from '../support/client.ts';
import { newBotToken, newPhone, newTelegramUser, newTwilioCredentials } from '../support/random.ts';
import type { Urls } from '../support/stack.ts';
import { Tenant } from '../support/tenant.ts';

/** Time enough for everything that is healed by waiting: leases, the due job, a few retries. */
const LONG_MS = 25_000;
const PAUSE_MS = 200;

/** As `eventually`, for what takes seconds: it asks less often, so that many scenes can wait side by side. */
export const patiently = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  const deadline = Date.now() + LONG_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
};

const OutboxSchema = z.object({
  items: z.array(
    z.object({
      text: z.string(),
      accepted: z.number(),
      status: z.string(),
      requests: z.array(z.object({ at: z.string(), outcome: z.string() })),
    }),
  ),
});

const EventsSchema = z.object({ items: z.array(z.object({ detail: DomainEventSchema })) });

/** What the bus has of a tenant, each event once, in the order in which each came first. */
export const eventsOf = async (tenant: string, urls = sharedUrls()): Promise<DomainEvent[]> => {
  const { items } = read(await call('GET', `${urls.bus}/events?tenantId=${tenant}`), 200, EventsSchema);
  return [...new Map(items.map(({ detail }) => [detail.id, detail])).values()];
};

export const openTenantAt = async (urls: Urls): Promise<Tenant> => {
  const id = newTenant();
  return new Tenant(id, api(await token({ tenant: id }, urls), urls));
};

type Fields = Readonly<Record<string, unknown>>;

interface Parts {
  readonly urls: Urls;
  readonly tenant: Tenant;
  readonly channel: Channel;
  /** The customer's address. */
  readonly to: string;
  readonly chatId: string;
}

/** One customer's chat in a tenant of its own, and the provider's side of it. */
export class Scene {
  readonly parts: Parts;
  readonly tenant: Tenant;
  readonly channel: Channel;
  readonly to: string;

  constructor(parts: Parts) {
    this.parts = parts;
    this.tenant = parts.tenant;
    this.channel = parts.channel;
    this.to = parts.to;
  }

  /** How the provider shall misbehave towards this customer. */
  async fault(faults: Fields): Promise<void> {
    const { provider } = this.channel;
    const answer = await simulator(this.parts.urls).setFaults({ provider, to: this.to, ...faults });
    read(answer, 200, z.object({}));
  }

  /** We write to the customer. */
  say(text: string): Promise<Message> {
    return this.tenant.send(this.parts.chatId, { text, transport: this.channel.transport });
  }

  async resend({ chatId, id }: Message): Promise<Message> {
    const answer = await this.tenant.admin.post(`/crm/chats/${chatId}/messages/${id}/resend`);
    return read(answer, 202, MessageSchema);
  }

  /** The customer writes; answers with what the API answered. */
  async hear(text: string, fields: Fields = {}): Promise<number[]> {
    const { provider, id: channelId } = this.channel;
    const answer = await simulator(this.parts.urls).inbound({ provider, channelId, from: this.to, text, ...fields });
    return read(answer, 200, z.object({ statuses: z.array(z.number()) })).statuses;
  }

  async outbox(): Promise<z.infer<typeof OutboxSchema>['items']> {
    return read(await simulator(this.parts.urls).outbox({ to: this.to }), 200, OutboxSchema).items;
  }

  /** What came of each request to send this text, in order. */
  async requests(text: string): Promise<string[]> {
    const rows = (await this.outbox()).filter((row) => row.text === text);
    return rows
      .flatMap(({ requests }) => requests)
      .toSorted((one, other) => one.at.localeCompare(other.at))
      .map(({ outcome }) => outcome);
  }

  /** What reached the customer, in order; what reached them twice is here twice. */
  async received(): Promise<string[]> {
    const rows = await this.outbox();
    return rows
      .flatMap(({ text, requests }) => requests.map((request) => ({ text, ...request })))
      .filter(({ outcome }) => outcome.startsWith('accepted'))
      .toSorted((one, other) => one.at.localeCompare(other.at))
      .map(({ text }) => text);
  }

  /** The message as soon as it is in this state. */
  becomes(message: Pick<Message, 'chatId' | 'id'>, status: MessageStatus): Promise<Message> {
    return patiently(async () => {
      const now = await this.tenant.message(message);
      expect({ text: now.text, status: now.status }).toEqual({ text: now.text, status });
      return now;
    });
  }

  /**
   * What was announced of the message, as soon as it is this. The reports of a message that was sent and delivered can
   * overtake each other: then it is announced as delivered alone.
   */
  async announced({ id }: Pick<Message, 'id'>, types: readonly string[]): Promise<void> {
    const overtaken = types.filter((type) => type !== 'MessageSent' || !types.includes('MessageDelivered'));
    await patiently(async () => {
      const events = await eventsOf(this.tenant.id, this.parts.urls);
      const announced = events.filter(({ subject }) => subject.id === id).map(({ type }) => type);
      expect(announced).toEqual(announced.length === overtaken.length ? overtaken : types);
    });
  }
}

/** A client who can be written to by SMS. */
export const openSms = async (
  { to = newPhone(), urls = sharedUrls() }: { to?: string; urls?: Urls } = {},
  credentials = newTwilioCredentials(),
): Promise<Scene> => {
  const tenant = await openTenantAt(urls);
  const [client, channel] = await Promise.all([
    tenant.addClient({ phone: to }),
    tenant.connectTwilio('sms', credentials),
  ]);
  return new Scene({ urls, tenant, channel, to, chatId: client.id });
};

/** A client who has written to a bot. */
export const openTelegram = async (fields: Fields = {}, urls = sharedUrls()): Promise<Scene> => {
  const tenant = await openTenantAt(urls);
  const credentials = { botToken: newBotToken() };
  const channel = await tenant.connect({ transport: 'telegram', provider: 'telegram', credentials, ...fields });
  const to = String(newTelegramUser());
  await simulator(urls).inbound({ provider: 'telegram', channelId: channel.id, from: to, text: 'Hi' });
  return new Scene({ urls, tenant, channel, to, chatId: first(await tenant.chats()).id });
};

/** We write to more customers on the same channel, each in a chat of its own. */
export const sayToOthers = ({ tenant, channel: { transport } }: Scene, count: number): Promise<Message[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const telegram = { contacts: [{ type: 'telegram', value: String(newTelegramUser()) }] };
      const client = await tenant.addClient(transport === 'telegram' ? telegram : { phone: newPhone() });
      return tenant.send(client.id, { text: 'to another', transport });
    }),
  );
