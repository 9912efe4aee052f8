import { addTwilioChannel, buildClient, newAct, outboundMessage } from '../../test/support/builders.ts';
import { catalogue, DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { changedFields } from './changes.ts';
import { newChat } from './chat.ts';
import { channelEvent, chatEvent, clientEvent, continuation, messageEvent, settingsEvent } from './occurrence.ts';

const act = newAct();
const client = buildClient(act, { lastName: 'Horvat' });
const chat = newChat(act, client);
const message = outboundMessage(act, client.id);
const settings = { defaultCountry: null, version: 1 };

/** One of each that is about the same kind of thing. */
const events: readonly DomainEvent[] = [
  ...(['ClientCreated', 'ClientUpdated', 'ClientDeleted', 'ClientRestored'] as const).map((type) =>
    clientEvent(act, type, client),
  ),
  ...(['ContactOptedOut', 'ContactOptedIn'] as const).map((type) => clientEvent(act, type, client)),
  ...(['ChatCreated', 'ChatUpdated'] as const).map((type) => chatEvent(act, type, chat)),
  ...(['MessageReceived', 'MessageQueued', 'MessageSent', 'MessageDelivered'] as const).map((type) =>
    messageEvent(act, type, message),
  ),
  ...(['MessageRead', 'MessageFailed', 'MessageUnknown'] as const).map((type) => messageEvent(act, type, message)),
  settingsEvent(act, 'SettingsUpdated', { ...settings, defaultCountry: 'UZ', version: 2 }, settings),
];

describe('an event', () => {
  it.each(events.map((event) => [event.type, event] as const))(
    '%s is one of the catalogue, as it stands',
    (_, event) => {
      expect(DomainEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    },
  );

  it('about a channel never carries its credentials', async () => {
    const { channel } = await addTwilioChannel(act);
    for (const type of ['ChannelConnected', 'ChannelUpdated', 'ChannelDisconnected', 'ChannelFailing'] as const) {
      const event = channelEvent(act, type, { ...channel, version: 2 }, channel);
      expect(DomainEventSchema.parse(event)).toEqual(event);
      expect(JSON.stringify(event)).not.toContain(channel.sealedCredentials);
    }
  });

  it('is among those that the union of all knows', () => {
    const known = DomainEventSchema.options.map((option) => option.shape.type.value);
    expect(known.toSorted()).toEqual(Object.keys(catalogue).toSorted());
  });

  it('says who did it, where and when, and shows the thing as the API does', () => {
    const event = clientEvent(act, 'ClientCreated', client);
    expect(event).toMatchObject({ version: 1, tenantId: act.tenant, actor: act.actor, correlationId: 'a-test' });
    expect(event.subject).toEqual({ type: 'client', id: client.id });
    expect(event.data).not.toHaveProperty('state');
    expect(event.data).not.toHaveProperty('revision');
    expect(event).not.toHaveProperty('previous');
  });

  it('about a change tells what the changed fields were, and only those', () => {
    const after = { ...client, lastName: 'Babić', version: 2, revision: 7 };
    expect(clientEvent(act, 'ClientUpdated', after, client).previous).toEqual({ lastName: 'Horvat', version: 1 });
  });

  it('that the system causes belongs to the request that its message came from', () => {
    const system = newAct({ actor: { type: 'system', id: 'sender' }, correlationId: 'a-run-of-the-sender' });
    expect(messageEvent(system, 'MessageSent', message).correlationId).toBe(message.correlationId);
    const other = newAct({ correlationId: 'another-request' });
    expect(messageEvent(other, 'MessageRead', message).correlationId).toBe('another-request');
  });
});

describe('changed fields', () => {
  it('are compared by what they hold', () => {
    const before = { name: 'Ana', tags: ['vip'], address: { city: 'Zagreb' }, age: 30 };
    expect(changedFields(before, { ...before, tags: ['vip'], address: { city: 'Zagreb' } })).toEqual({});
    expect(changedFields(before, { ...before, tags: [], age: 31 })).toEqual({ tags: ['vip'], age: 30 });
  });
});

describe('of a chat that is joined with another one, or parted from it,', () => {
  const opened = { ...chat, openedAt: chat.createdAt };
  const joined: typeof chat = { ...opened, absorbed: [chat.id] };
  it.each([
    ['nothing is told while nobody has opened it', chat, { ...chat, version: 2 }, []],
    ['nothing is told when it looks as before', opened, joined, []],
    ['it is told that it was opened', chat, opened, ['ChatCreated']],
    ['it is told what changed', opened, { ...opened, unreadCount: 1 }, ['ChatUpdated']],
    ['it is told that nobody has opened it any more', opened, { ...chat, unreadCount: 1 }, ['ChatUpdated']],
  ] as const)('%s', (_, before, after, types) => {
    expect(continuation(act, before, after).map(({ type }) => type)).toEqual(types);
  });
});
