import { buildClient, newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import { SenderTypeSchema, type Sender } from '../contract/messages.ts';
import type { Transport } from '../contract/vocabulary.ts';
import {
  distinctMembers,
  MemberRecordSchema,
  MemberTransportRecordSchema,
  memberOf,
  newMember,
  showMember,
  transportOf,
} from './member.ts';
import { MessageRecordSchema, receivedMessage, type MessageRecord } from './message.ts';

const act = newAct();
const client = buildClient(act, {
  firstName: 'Olim',
  lastName: 'Karimov',
  phone: '+998901234567',
  contacts: [{ type: 'telegram', value: '42' }],
});

const written = (transport: Transport, sender: Partial<Sender>): MessageRecord =>
  receivedMessage(act, client.id, {
    transport,
    channelId: newChannelId(),
    sender: { type: 'other', id: null, name: 'Olim', address: null, handle: null, ...sender },
    text: 'Salom',
    media: [],
    providerMessageId: act.newId(),
    deduplicationId: act.newId(),
    providerTime: null,
    editOf: null,
  });

const senders: Readonly<Record<Sender['type'], { message: MessageRecord; id: string }>> = {
  user: { message: outboundMessage(act, client.id), id: 'user:ana' },
  client: { message: written('email', { type: 'client', address: 'Olim@example.com' }), id: 'email:olim@example.com' },
  telegram: { message: written('telegram', { type: 'telegram', address: '42', handle: 'olim_k' }), id: 'telegram:42' },
  whatsapp: { message: written('whatsapp', { type: 'whatsapp', address: '+998901234567' }), id: 'tel:+998901234567' },
  sms: { message: written('sms', { type: 'sms', address: '+998901234567' }), id: 'tel:+998901234567' },
  email: { message: written('email', { type: 'email', address: 'olim@example.com' }), id: 'email:olim@example.com' },
  instagram: { message: written('instagram', { type: 'instagram', address: 'olim' }), id: 'instagram:olim' },
  website: { message: written('website', { type: 'website', address: 'visitor-7' }), id: 'website:visitor-7' },
  system: { message: written('telegram', { type: 'system', name: 'Billing' }), id: 'system:billing' },
  other: { message: written('phone', { type: 'other', address: '+998901234567' }), id: 'tel:+998901234567' },
};

describe('a sender', () => {
  it.each(SenderTypeSchema.options)('of kind %s is kept with its message, and is a member', (type) => {
    const { message, id } = senders[type];
    expect(MessageRecordSchema.parse(JSON.parse(JSON.stringify(message))).sender).toEqual(message.sender);
    const record = MemberRecordSchema.parse(memberOf(message));
    expect(record).toMatchObject({ id, type, name: message.sender.name });
    const transport = transportOf(message);
    const transports = transport === undefined ? [] : [MemberTransportRecordSchema.parse(transport)];
    const { address, handle } = message.sender;
    expect(showMember(client.id, record, transports)).toMatchObject({ id, type, address, handle });
  });

  it('that is a user is known by its id, and nothing of a provider', () => {
    expect(memberOf(senders.user.message)).toMatchObject({ userId: 'ana' });
    expect(transportOf(senders.user.message)).toBeUndefined();
  });

  it('on Telegram has a conversation with a name of its own', () => {
    expect(transportOf(senders.telegram.message)).toMatchObject({ providerChatId: '42', handle: 'olim_k' });
    expect(transportOf(senders.sms.message)).toMatchObject({ providerChatId: null });
  });
});

describe('a member', () => {
  const [sms, whatsapp] = [senders.sms.message, senders.whatsapp.message];
  const later = { ...whatsapp, createdAt: '2100-01-01T00:00:00.000Z' };
  const transports = [sms, later].flatMap((message) => transportOf(message) ?? []);

  it('is shown with its transports, the last one it was seen on first', () => {
    const member = showMember(client.id, memberOf(sms), transports);
    expect(member).toMatchObject({ type: 'sms', channelId: whatsapp.channelId, chatId: client.id });
    expect(member.transports.map(({ transport }) => transport)).toEqual(['whatsapp', 'sms']);
    expect(member.transports[0]).not.toHaveProperty('memberId');
  });

  it('of several chats that became one is one, since the first time, on all its transports', () => {
    const [one, other] = [
      showMember(client.id, memberOf(later), transports.slice(1)),
      showMember(client.id, memberOf(sms), transports),
    ];
    const [member, ...others] = distinctMembers([one, other]);
    expect(others).toEqual([]);
    expect(member).toMatchObject({ type: 'sms', createdAt: sms.createdAt, channelId: whatsapp.channelId });
    expect(member?.transports).toHaveLength(2);
  });

  it('is added as who it is', () => {
    expect(newMember(act, client, { type: 'system', name: 'Billing' }).record).toMatchObject({
      id: 'system:billing',
      name: 'Billing',
      addedBy: 'ana',
    });
    const contactId = client.contacts[0]?.id ?? null;
    const { record, transport } = newMember(act, client, { type: 'client', contactId, name: null });
    expect(record).toMatchObject({ id: 'telegram:42', contactId, name: 'Olim Karimov' });
    expect(transport).toMatchObject({ transport: 'telegram', channelId: null, address: '42', lastSeenAt: null });
  });

  it('that is an address of no known kind is not the service of that name', () => {
    const other = buildClient(act, { contacts: [{ type: 'other', value: 'billing' }] });
    const contactId = other.contacts[0]?.id ?? null;
    const { record } = newMember(act, other, { type: 'client', contactId, name: null });
    expect(record.id).toBe('contact:billing');
    expect(newMember(act, other, { type: 'other', name: 'Billing' }).record.id).toBe('other:billing');
  });

  it('that is a number of the client is the same whether it was added or wrote', () => {
    expect(newMember(act, client, { type: 'client', contactId: null, name: null }).record.id).toBe(memberOf(sms).id);
  });
});
