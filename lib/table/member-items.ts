import type { Member } from '../contract/messages.ts';
import type { ChatId } from '../contract/vocabulary.ts';
import {
  MemberRecordSchema,
  MemberTransportRecordSchema,
  showMember,
  type MemberTransportRecord,
} from '../domain/member.ts';
import { MEMBER, MEMBER_TRANSPORT } from './keys.ts';

type Items = readonly Readonly<Record<string, unknown>>[];

const under = (prefix: string, items: Items): Items =>
  items.filter(({ sk }) => typeof sk === 'string' && sk.startsWith(prefix));

/** What providers know of members, among the items of a collection. */
export const transportsAmong = (items: Items): MemberTransportRecord[] =>
  under(MEMBER_TRANSPORT, items).map((item) => MemberTransportRecordSchema.parse(item));

/** The members of a chat among the items of its collection, in the order of their keys. */
export const membersAmong = (chatId: ChatId, items: Items): Member[] => {
  const transports = transportsAmong(items);
  return under(MEMBER, items).map((item) => showMember(chatId, MemberRecordSchema.parse(item), transports));
};
