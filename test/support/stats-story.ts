import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { BusinessHours } from '../../lib/contract/settings.ts';
import { ClientIdSchema, MergeIdSchema, MessageIdSchema, type ClientId } from '../../lib/contract/vocabulary.ts';
import { instant, type Act } from '../../lib/domain/act.ts';
import { chatWithInbound } from '../../lib/domain/chat-message.ts';
import { opened, replaceChat } from '../../lib/domain/chat-status.ts';
import { newChat } from '../../lib/domain/chat.ts';
import type { ClientRecord } from '../../lib/domain/client.ts';
import { newErasure } from '../../lib/domain/erasure.ts';
import { receivedMessage, type MessageRecord } from '../../lib/domain/message.ts';
import { chatEvent, clientEvent, erasureEvent, mergeEvent, messageEvent } from '../../lib/domain/occurrence.ts';
import type { DomainEvent } from '../../lib/events/catalogue.ts';
import { changeHead } from '../../lib/table/chat-head.ts';
import { getChat } from '../../lib/table/chats.ts';
import { findClient, insertionSteps, replacement } from '../../lib/table/clients.ts';
import { keysOf } from '../../lib/table/collection.ts';
import { clientCollection, MESSAGE, settingsKey } from '../../lib/table/keys.ts';
import { insertMessage, saveMessage } from '../../lib/table/messages.ts';
import { getSettings } from '../../lib/table/settings.ts';
import { commit, put, remove } from '../../lib/table/transaction.ts';
import { buildClient, newAct, newChannelId, outboundMessage } from './builders.ts';

type What = 'client' | 'user' | 'system' | 'resolve' | 'report';
export interface StoryStep {
  readonly what: What;
  /** How many seconds after the step before. */
  readonly seconds: number;
  readonly chat: number;
  readonly report: Reported;
}

/** What happens in three chats. */
export const storyOf = (steps: number) =>
  fc.array(
    fc.record<StoryStep>({
      what: fc.constantFrom<What>('client', 'user', 'client', 'user', 'system', 'resolve', 'report'),
      seconds: fc.integer({ min: 1, max: 5_000 }),
      chat: fc.nat(2),
      report: fc.constantFrom<Reported>('sent', 'failed', 'delivered', 'read', 'unknown'),
    }),
    { minLength: Math.floor(steps / 2), maxLength: steps },
  );

const daily = [{ from: '09:00', to: '12:30' }];
const businessHours: BusinessHours = {
  monday: daily,
  tuesday: [],
  wednesday: daily,
  thursday: [],
  friday: [],
  saturday: [],
  sunday: daily,
};
/** Clocks are put forward in the night before. */
export const START = Date.parse('2026-03-29T05:00:00.000Z');
export const clock = { timeZone: 'Europe/Berlin', businessHours };

const reported = {
  sent: 'MessageSent',
  failed: 'MessageFailed',
  delivered: 'MessageDelivered',
  read: 'MessageRead',
  unknown: 'MessageUnknown',
} as const;
type Reported = keyof typeof reported;

/** Of which nothing is announced: nobody but the test counts it. */
export const beginStory = async (retention: { readonly messages: number | null }) => {
  let time = START;
  const act: Act = newAct({ now: () => new Date(time), newId: () => uuidv7({ msecs: time }) });
  const channelId = newChannelId();
  const settings = await getSettings(act.tenant);
  const kept = { ...settings.retention, ...retention };
  await commit(act.tenant, [put({ ...settingsKey(act.tenant), ...settings, ...clock, retention: kept, revision: 1 })]);
  const outbound: MessageRecord[][] = [[], [], []];

  const plant = async () => {
    const client = buildClient(act, {});
    const chat = opened(newChat(act, client), instant(act.now()));
    await commit(act.tenant, insertionSteps(act.tenant, client, chat));
    return { id: client.id, events: [clientEvent(act, 'ClientCreated', client), chatEvent(act, 'ChatCreated', chat)] };
  };
  const planted = [await plant(), await plant(), await plant()];
  const ids = planted.map(({ id }) => id);

  const hear = async (id: ClientId): Promise<DomainEvent[]> => {
    const sender = { type: 'sms', id: null, name: null, address: null, handle: null } as const;
    const told = {
      transport: 'sms',
      channelId,
      sender,
      text: 'Salom',
      media: [],
      providerMessageId: act.newId(),
    } as const;
    const message = receivedMessage(act, id, { ...told, providerTime: null, editOf: null });
    const chat = await getChat(act.tenant, id);
    const after = chatWithInbound(chat, message, { channelId, address: '+1' });
    await commit(act.tenant, [changeHead(act.tenant, chat, after), insertMessage(act.tenant, message)]);
    const event = messageEvent(act, 'MessageReceived', message);
    return chat.status === 'open' ? [event] : [chatEvent(act, 'ChatUpdated', after, chat), event];
  };
  const say = async (id: ClientId, at: number, type: 'user' | 'system'): Promise<DomainEvent[]> => {
    const sender = { type, id: 'ana', name: null, address: null, handle: null };
    const message = { ...outboundMessage(act, id, { channelId, sender }), id: MessageIdSchema.parse(act.newId()) };
    await commit(act.tenant, [insertMessage(act.tenant, message)]);
    outbound[at]?.push(message);
    return [messageEvent(act, 'MessageQueued', message)];
  };
  const report = async (at: number, status: Reported): Promise<DomainEvent[]> => {
    const before = outbound[at]?.pop();
    if (before === undefined) return [];
    const next = { ...before, status, revision: before.revision + 1 };
    await saveMessage(act, before, { next });
    outbound[at]?.push(next);
    return [messageEvent(act, reported[status], next, before)];
  };
  const resolve = async (id: ClientId): Promise<DomainEvent[]> => {
    const chat = await getChat(act.tenant, id);
    const after = replaceChat(act, chat, { status: 'resolved', snoozedUntil: null, assigneeId: null });
    if (after === chat) return [];
    await commit(act.tenant, [changeHead(act.tenant, chat, after)]);
    return [chatEvent(act, 'ChatUpdated', after, chat)];
  };
  const take = ({ what, seconds, chat, report: status }: StoryStep): Promise<DomainEvent[]> => {
    time += seconds * 1000;
    const id = ClientIdSchema.parse(ids[chat]);
    if (what === 'client') return hear(id);
    if (what === 'resolve') return resolve(id);
    return what === 'report' ? report(chat, status) : say(id, chat, what);
  };
  return { act, ids, take, beginning: planted.flatMap(({ events }) => events) };
};

const standAs = async (act: Act, id: ClientId, state: ClientRecord['state'], survivorId: ClientId | null = null) => {
  const [client, chat] = [await findClient(act.tenant, id), await getChat(act.tenant, id)];
  if (client === undefined) throw new Error('There is a client.');
  const after = { ...client, state, survivorId };
  await commit(act.tenant, [replacement(act.tenant, client, after), changeHead(act.tenant, chat, { ...chat, state })]);
  return after;
};

const clear = async (act: Act, id: ClientId, isGone: (sk: string) => boolean): Promise<void> => {
  const keys = await keysOf(act.tenant, clientCollection(act.tenant, id));
  const steps = keys.filter(({ sk }) => isGone(sk)).map((key) => remove(key));
  if (steps.length > 0) await commit(act.tenant, steps);
};

/** What became of a client later, and the event that tells of it. */
export const endings = {
  stayed: () => Promise.resolve([]),
  deleted: async (act: Act, id: ClientId) => [clientEvent(act, 'ClientDeleted', await standAs(act, id, 'deleted'))],
  erased: async (act: Act, id: ClientId) => {
    await standAs(act, id, 'erased');
    await clear(act, id, () => true);
    return [erasureEvent(act, 'ClientErased', newErasure(act, id))];
  },
  merged: async (act: Act, id: ClientId, survivorId: ClientId) => {
    const absorbed = await standAs(act, id, 'absorbed', survivorId);
    const survivor = await findClient(act.tenant, survivorId);
    if (survivor === undefined) return [clientEvent(act, 'ClientUpdated', absorbed)];
    const told = { ...survivor, absorbedId: id, mergeId: MergeIdSchema.parse(act.newId()) };
    return [mergeEvent(act, 'ClientMerged', told)];
  },
  /** All messages but the latest are too old. */
  forgotten: async (act: Act, id: ClientId) => {
    const messages = (await keysOf(act.tenant, clientCollection(act.tenant, id))).filter(({ sk }) =>
      sk.startsWith(MESSAGE),
    );
    const last = messages.at(-1)?.sk;
    await clear(act, id, (sk) => sk.startsWith(MESSAGE) && sk !== last);
    return [];
  },
} satisfies Record<string, (act: Act, id: ClientId, survivorId: ClientId) => Promise<DomainEvent[]>>;
