import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import { memberOf, transportOf, type MemberRecord, type MemberTransportRecord } from '../domain/member.ts';
import type { MessageRecord } from '../domain/message.ts';
import { memberKey, memberTransportKey } from './keys.ts';
import { absent, put, remove, update, type Step } from './transaction.ts';

/** The writer of a message becomes a member with its first one; later ones keep its name current. */
const enter = (tenant: TenantId, { chatId, sender }: MessageRecord, member: MemberRecord): Step => {
  // SMS tells no name, so that a number stands for it. That does not take one away.
  const isNamed = member.name !== null && member.name !== sender.address;
  const firsts = ['id', 'type', 'userId', 'contactId', 'addedBy', 'createdAt', ...(isNamed ? [] : ['name'])];
  const fields = Object.entries(member);
  const sets = fields.map(([field]) =>
    firsts.includes(field) ? `#${field} = if_not_exists(#${field}, :${field})` : `#${field} = :${field}`,
  );
  return update(memberKey(tenant, chatId, member.id), {
    expression: `SET ${sets.join(', ')}`,
    names: Object.fromEntries(fields.map(([field]) => [`#${field}`, field])),
    values: Object.fromEntries(fields.map(([field, value]) => [`:${field}`, value])),
  });
};

const transportItem = (tenant: TenantId, chatId: ChatId, transport: MemberTransportRecord) => ({
  ...memberTransportKey(tenant, chatId, transport.memberId, transport),
  ...transport,
});

/** What a message tells of its writer: who takes part, and apart from that what its provider knows. */
export const enterMember = (tenant: TenantId, message: MessageRecord): Step[] => {
  const transport = transportOf(message);
  return [
    enter(tenant, message, memberOf(message)),
    ...(transport === undefined ? [] : [put(transportItem(tenant, message.chatId, transport))]),
  ];
};

/** What it takes to add a member by hand that is not there. Refused with Raced when it came in meanwhile. */
export const insertMember = (
  tenant: TenantId,
  chatId: ChatId,
  member: MemberRecord,
  transport?: MemberTransportRecord,
): Step[] => [
  put({ ...memberKey(tenant, chatId, member.id), ...member }, absent),
  ...(transport === undefined ? [] : [put(transportItem(tenant, chatId, transport))]),
];

/** What it takes to remove a member, with all that providers know of it. */
export const removeMember = (
  tenant: TenantId,
  chatId: ChatId,
  memberId: string,
  transports: readonly MemberTransportRecord[],
): Step[] => [
  remove(memberKey(tenant, chatId, memberId), { expression: 'attribute_exists(pk)' }),
  ...transports.map((transport) => remove(memberTransportKey(tenant, chatId, memberId, transport))),
];
