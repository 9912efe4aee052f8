import * as z from 'zod';
import { ChannelSchema, type Channel } from '../../lib/contract/channels.ts';
import { ChatSchema, ChatWithMessagesSchema } from '../../lib/contract/chats.ts';
import { ClientSchema, type Client } from '../../lib/contract/clients.ts';
import { MessageSchema, type Message, type MessageStatus } from '../../lib/contract/messages.ts';
import { AuditEntrySchema } from '../../lib/contract/audit.ts';
import { pageOf } from '../../lib/contract/route.ts';
import { TenantIdSchema, type Role, type TenantId } from '../../lib/contract/vocabulary.ts';
import { first, read } from './answers.ts';
import { api, eventually, newTenant, simulator, token, type Api } from './client.ts';
import { newBotToken, newNumber, newTwilioCredentials } from './random.ts';

export const ClientsSchema = pageOf(ClientSchema);
const ChatsSchema = pageOf(ChatSchema);
export const ChannelsSchema = pageOf(ChannelSchema);
export const MessagesSchema = pageOf(MessageSchema);
export const AuditSchema = pageOf(AuditEntrySchema);
export type OpenChat = z.infer<typeof ChatWithMessagesSchema>;

const InboundSchema = z.object({ statuses: z.array(z.number()) });
type Fields = Readonly<Record<string, unknown>>;

/** A tenant of a test's own, with what most tests do in it. */
export class Tenant {
  readonly id: TenantId;
  /** The API as its admin `ana` sees it. */
  readonly admin: Api;

  constructor(id: string, admin: Api) {
    this.id = TenantIdSchema.parse(id);
    this.admin = admin;
  }

  async as(role: Role, user: string = role): Promise<Api> {
    return api(await token({ tenant: this.id, role, user }));
  }

  async addClient(fields: Fields = {}): Promise<Client> {
    return read(await this.admin.post('/crm/clients', { firstName: 'Olim', ...fields }), 201, ClientSchema);
  }

  async connect(channel: Fields): Promise<Channel> {
    return read(await this.admin.post('/crm/channels', channel), 201, ChannelSchema);
  }

  /** A Twilio number of an account that is told apart from all others. */
  connectTwilio(
    transport: 'sms' | 'whatsapp',
    credentials = newTwilioCredentials(),
    address = newNumber(),
  ): Promise<Channel> {
    return this.connect({ transport, provider: 'twilio', address, credentials });
  }

  connectTelegram(botToken = newBotToken()): Promise<Channel> {
    return this.connect({ transport: 'telegram', provider: 'telegram', credentials: { botToken } });
  }

  /** The customer writes; every webhook has to be taken. */
  async receive({ id, provider }: Channel, message: Fields): Promise<void> {
    const answer = await simulator().inbound({ provider, channelId: id, ...message });
    const { statuses } = read(answer, 200, InboundSchema);
    expect(new Set(statuses)).toEqual(new Set([200]));
  }

  async chats(query = ''): Promise<z.infer<typeof ChatSchema>[]> {
    return read(await this.admin.get(`/crm/chats${query}`), 200, ChatsSchema).items;
  }

  async chat(id: string): Promise<OpenChat> {
    return read(await this.admin.get(`/crm/chats/${id}`), 200, ChatWithMessagesSchema);
  }

  /** The tenant's only chat, with members and messages. */
  async onlyChat(): Promise<OpenChat> {
    const chats = await this.chats();
    expect(chats).toHaveLength(1);
    return this.chat(first(chats).id);
  }

  async send(chatId: string, fields: Fields): Promise<Message> {
    return read(await this.admin.post(`/crm/chats/${chatId}/messages`, fields), 202, MessageSchema);
  }

  async message({ chatId, id }: Pick<Message, 'chatId' | 'id'>): Promise<Message> {
    return read(await this.admin.get(`/crm/chats/${chatId}/messages/${id}`), 200, MessageSchema);
  }

  /** The message as soon as it is in this state. */
  becomes(message: Pick<Message, 'chatId' | 'id'>, status: MessageStatus): Promise<Message> {
    return eventually(async () => {
      const now = await this.message(message);
      expect(now.status).toBe(status);
      return now;
    });
  }
}

export const openTenant = async (id = newTenant()): Promise<Tenant> => new Tenant(id, api(await token({ tenant: id })));

/** Every item of a list, page after page, with how long each page was. */
export const readAll = async <Item extends z.ZodType>(
  reader: Api,
  path: string,
  item: Item,
): Promise<{ items: z.output<Item>[]; pages: number[] }> => {
  const items: z.output<Item>[] = [];
  const pages: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer = await reader.get(cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
    const page = read(answer, 200, z.object({ items: z.array(item), nextCursor: z.string().nullable() }));
    items.push(...page.items);
    pages.push(page.items.length);
    cursor = page.nextCursor;
  }
  return { items, pages };
};
