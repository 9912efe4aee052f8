import * as z from 'zod';
import type { Message } from '../../lib/contract/messages.ts';
import { secondsAfter, type Act } from '../../lib/domain/act.ts';
import { release } from '../../lib/messaging/release.ts';
import { read } from './answers.ts';
import { newAct } from './builders.ts';
import { simulator } from './client.ts';
import { newPhone } from './random.ts';
import { MessagesSchema, openTenant, type Tenant } from './tenant.ts';

export const DAY = 24 * 3600;
export const later = (seconds: number): string => secondsAfter(new Date(), seconds);

export const openSms = async () => {
  const tenant = await openTenant();
  const [channel, phone] = [await tenant.connectTwilio('sms'), newPhone()];
  const { id } = await tenant.addClient({ phone, preferredTransport: 'sms' });
  return { tenant, channel, phone, id, path: `/crm/chats/${id}/messages` };
};

const OutboxSchema = z.object({ items: z.array(z.object({ text: z.string(), times: z.number() })) });
export const textsTo = async (to: string): Promise<string[]> =>
  read(await simulator().outbox({ to }), 200, OutboxSchema).items.map(({ text }) => text);

export const list = async ({ admin }: Tenant, path: string): Promise<Message[]> =>
  read(await admin.get(path), 200, MessagesSchema).items;

/** The job comes by when the message's time has come. */
const whenDue = (tenant: Tenant, { sendAt }: Message): Act =>
  newAct({ tenant: tenant.id, actor: { type: 'system', id: 'settle-due' }, now: () => new Date(sendAt ?? 0) });

export const releaseDue = (tenant: Tenant, message: Message): Promise<void> =>
  release(whenDue(tenant, message), message.chatId, message.id);
