import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { handler as sendMessage } from '../../functions/chats/send-message.ts';
import type { handler as getClient } from '../../functions/clients/get-client.ts';
import { handler as receiveTwilio } from '../../functions/webhooks/receive-twilio.ts';
import { UserIdSchema, type MessageId } from '../../lib/contract/vocabulary.ts';
import { receivedMessage, type MessageRecord } from '../../lib/domain/message.ts';
import { receive } from '../../lib/messaging/receive.ts';
import { knownChannels } from '../../lib/table/channels.ts';
import { getChat as findChatHead } from '../../lib/table/chats.ts';
import { observeRequests } from '../../lib/table/client.ts';
import { knownCustomFields } from '../../lib/table/custom-fields.ts';
import { findHolder } from '../../lib/table/identities.ts';
import { settingsKey } from '../../lib/table/keys.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { getSettings, knownSettings } from '../../lib/table/settings.ts';
import { commit, put } from '../../lib/table/transaction.ts';
import { knownUser } from '../../lib/table/users.ts';
import { addTwilioChannel, httpEvent, lambdaContext, newAct, newArrival } from './builders.ts';
import { token } from './client.ts';
import { newPhone } from './random.ts';
import type { Urls } from './stack.ts';

export type Handler = typeof getClient;
type Event = Parameters<Handler>[0];

/** Whoever does what is counted; everything happens in one tenant. */
export const act = newAct();
const sent: string[] = [];
observeRequests((command) => sent.push(command));

/** Budgets are without what a container knows for a while: on a busy machine that while passes between two counts. */
const knowAgain = async (): Promise<void> => {
  const { tenant } = act;
  const user = UserIdSchema.parse('ana');
  await Promise.all([knownSettings(tenant), knownChannels(tenant), knownCustomFields(tenant), knownUser(tenant, user)]);
  sent.length = 0;
};

/** What the DynamoDB client sends for one call of a handler in this process. @throws Error for another answer */
export const requestsOf = async (handler: Handler, event: Event, status: number): Promise<string[]> => {
  await knowAgain();
  const answer = await handler(event, lambdaContext());
  if (answer.statusCode !== status) throw new Error(`Expected ${status}: ${answer.statusCode} ${answer.body ?? ''}`);
  return [...sent].sort();
};

/** What it sends while something is done in this process. */
export const requestsDuring = async (work: () => Promise<unknown>): Promise<string[]> => {
  await knowAgain();
  await work();
  return [...sent].sort();
};

export const read = 'GetItemCommand';
export const readTogether = 'BatchGetItemCommand';
export const readAtOnce = 'TransactGetItemsCommand';
export const query = 'QueryCommand';
export const transaction = 'TransactWriteItemsCommand';

/** A tenant with a number, everything that is cached asked for once, and ways to call. */
export const setStage = async (urls: Urls) => {
  const accessToken = await token({ tenant: act.tenant }, urls);
  // Each container tells the table of its requests in lots: of one that is larger than all that are counted here.
  process.env.TENANT_REQUESTS_PER_SECOND = '10000';
  const settings = await getSettings(act.tenant);
  const limits = { ...settings.limits, requestsPerUser: 10_000, requestsPerTenant: 10_000 };
  await commit(act.tenant, [put({ ...settingsKey(act.tenant), ...settings, limits, revision: 1 })]);
  const { channel, credentials } = await addTwilioChannel(act);
  const webhook = (path: string, form: Record<string, string>, search: Record<string, string> = {}) => {
    const asked = new URLSearchParams(search).toString();
    const url = `${process.env.PUBLIC_BASE_URL ?? ''}${path}${asked === '' ? '' : `?${asked}`}`;
    return httpEvent({
      method: 'POST',
      path,
      params: { channelId: channel.id },
      query: search,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': getExpectedTwilioSignature(credentials.authToken, url, form),
      },
      body: new URLSearchParams(form).toString(),
    });
  };
  const inbound = (from: string) => {
    const form = { MessageSid: `SM${act.newId()}`, From: from, To: channel.address, Body: 'Salom' };
    return webhook(`/crm/webhooks/twilio/${channel.id}`, form);
  };
  const report = ({ chatId, id }: MessageRecord, status: string) => {
    const form = { MessageSid: `SM${id}`, MessageStatus: status };
    return webhook(`/crm/webhooks/twilio/${channel.id}/status`, form, { chat: chatId, message: id, attempt: '1' });
  };
  const call = (params: Record<string, string> = {}, more: Parameters<typeof httpEvent>[0] = {}) =>
    httpEvent({ token: accessToken, params, ...more });
  const { id } = await startChat({ channel }, 1);
  /** Asks once for everything that is cached: channels, keys, settings, the webhook's route. */
  const warm = async (): Promise<void> => {
    await requestsOf(sendMessage, call({ chatId: id }, { method: 'POST', body: { text: 'Salom' } }), 202);
    await requestsOf(receiveTwilio, inbound(newPhone()), 200);
  };
  await warm();
  return { channel, inbound, report, call, warm };
};
export type Stage = Awaited<ReturnType<typeof setStage>>;

/** A chat of so many messages, of which the first is unread. */
export const startChat = async (stage: Pick<Stage, 'channel'>, count: number) => {
  const phone = newPhone();
  await receive(act, newArrival({ from: { address: phone, firstName: 'Ana' } }, stage.channel.id));
  const id = await findHolder(act.tenant, { kind: 'tel', value: phone });
  if (id === undefined) throw new Error('No chat was made.');
  const { lastMessage } = await findChatHead(act.tenant, id);
  const older = Array.from({ length: count - 1 }, () => ({
    ...receivedMessage(act, id, {
      transport: 'sms',
      channelId: stage.channel.id,
      sender: { type: 'sms', id: null, name: 'Ana', address: phone, handle: null },
      text: 'Salom',
      media: [],
      providerMessageId: act.newId(),
      providerTime: null,
      editOf: null,
    }),
    readAt: new Date().toISOString(),
  }));
  for (let start = 0; start < older.length; start += 100) {
    await commit(
      act.tenant,
      older.slice(start, start + 100).map((message) => insertMessage(act.tenant, message)),
    );
  }
  const unread: MessageId | undefined = lastMessage?.id;
  return { id, phone, unread: unread ?? '' };
};

export type Chat = Awaited<ReturnType<typeof startChat>>;

/** One promise: what an operation asks of the table, whatever the amount of data. */
export interface Budget {
  readonly operation: string;
  readonly promised: readonly string[];
  readonly run: (stage: Stage, chat: Chat) => Promise<string[]>;
}
