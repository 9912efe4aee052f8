import * as z from 'zod';
import { handler as notifyUsers } from '../../functions/notifiers/notify-users.ts';
import { MeSchema, type Me, type NotificationSettingsSchema } from '../../lib/contract/users.ts';
import type { Language } from '../../lib/contract/settings.ts';
import type { Message } from '../../lib/contract/messages.ts';
import type { DomainEvent } from '../../lib/events/catalogue.ts';
import { NoticeSchema, type Notice } from '../../lib/domain/notice.ts';
import { call } from '../../local/http-client.ts';
import { read } from './answers.ts';
import { sqsEvent } from './builders.ts';
import { api, sharedUrls, simulator, token, type Api } from './client.ts';
import { eventOf } from './events.ts';
import { unique } from './random.ts';
import { itemsOf } from './table.ts';
import type { Tenant } from './tenant.ts';

const MailsSchema = z.object({
  items: z.array(
    z.object({
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});
const OutboxSchema = z.object({ items: z.array(z.object({ text: z.string(), accepted: z.number() })) });

/** Somebody who works for the tenant. */
export interface Colleague {
  readonly id: string;
  readonly email: string;
  readonly api: Api;
}

export const meOf = async ({ api: user }: Pick<Colleague, 'api'>): Promise<Me> =>
  read(await user.get('/crm/users/me'), 200, MeSchema);

type Settings = z.input<typeof NotificationSettingsSchema>;

/** A user who has come, and wants to be told so. */
export const join = async (
  tenant: Tenant,
  notifications: Settings,
  languages: readonly Language[] = [],
): Promise<Colleague> => {
  const id = unique('user');
  const email = `${id}@team.example`;
  const user = api(await token({ tenant: tenant.id, user: id, role: 'agent', email }));
  read(await user.put('/crm/users/me', { notifications, languages }), 200, MeSchema);
  return { id, email, api: user };
};

export const mailsTo = async ({ email }: Pick<Colleague, 'email'>) =>
  read(await call('GET', `${sharedUrls().simulator}/simulator/mails?to=${email}`), 200, MailsSchema).items;

/** What the bots told this account, each as often as it was accepted. */
export const toldOnTelegram = async (account: number): Promise<string[]> => {
  const { items } = read(await simulator().outbox({ provider: 'telegram', to: String(account) }), 200, OutboxSchema);
  return items.flatMap(({ text, accepted }) => Array.from({ length: accepted }, () => text));
};

/** Shows an event to the subscriber, and says whether it wants to see it again. */
export const show = async (event: DomainEvent): Promise<boolean> => {
  const { batchItemFailures } = await notifyUsers(sqsEvent([JSON.stringify({ detail: event })]));
  return batchItemFailures.length > 0;
};

/** A message that was announced, and has been told of. */
export const afterTelling = async (tenant: Tenant, { id }: Pick<Message, 'id'>): Promise<void> => {
  expect(await show(await eventOf(tenant.id, 'MessageReceived', id))).toBe(false);
};

/** Who was told of messages, as it is written down. */
export const noticesIn = async (tenant: Tenant): Promise<Notice[]> =>
  (await itemsOf(tenant.id))
    .filter(({ sk }) => String(sk).startsWith('NOTICE#'))
    .map((item) => NoticeSchema.parse(item));
