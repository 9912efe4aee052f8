import type { Condition, ConditionOn, SegmentFilter } from '../contract/segment-filter.ts';
import { addressOn, type ClientRecord } from './client.ts';
import { foldCase } from './case-fold.ts';
import { routeBack, type ChatRecord } from './chat.ts';

/** What a filter looks at. */
export interface Facts {
  readonly client: ClientRecord;
  /** Undefined for a client that has none yet. */
  readonly chat: ChatRecord | undefined;
  readonly now: Date;
}

/** Whether something holds now, and when that can next change with nothing but time passing. `null`: never. */
export interface Verdict {
  readonly holds: boolean;
  readonly until: number | null;
}

const forGood = (holds: boolean): Verdict => ({ holds, until: null });

const DAY_MS = 24 * 3600 * 1000;

type DateCondition = ConditionOn<'createdAt'> | ConditionOn<'lastMessageAt'>;

const judgeDate = (condition: DateCondition, at: string | null, now: Date): Verdict => {
  if (condition.operator === 'never') return forGood(at === null);
  if (at === null) return forGood(false);
  if ('at' in condition) return forGood(condition.operator === 'before' ? at < condition.at : at > condition.at);
  const turn = Date.parse(at) + condition.days * DAY_MS;
  const isOlder = now.getTime() >= turn;
  return {
    holds: condition.operator === 'older-than-days' ? isOlder : !isOlder,
    until: isOlder ? null : turn,
  };
};

const judgeTags = ({ operator, tags }: ConditionOn<'tags'>, client: ClientRecord): boolean => {
  const own = new Set(client.tags.map(foldCase));
  const has = (tag: string): boolean => own.has(foldCase(tag));
  switch (operator) {
    case 'any':
      return tags.some(has);
    case 'all':
      return tags.every(has);
    case 'none':
      return !tags.some(has);
  }
};

type FieldValue = string | number | boolean;

const equals = (one: FieldValue, other: FieldValue): boolean =>
  typeof one === 'string' && typeof other === 'string' ? foldCase(one) === foldCase(other) : one === other;

const isDate = (value: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(value);

/** Below, at or above 0 as `one` comes before, with or after `other`; NaN where they cannot be compared. */
const compare = (one: FieldValue, other: string | number): number => {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one !== 'string' || typeof other !== 'string' || !isDate(one)) return Number.NaN;
  return Date.parse(one) - Date.parse(other);
};

const judgeCustomField = (condition: ConditionOn<'customField'>, client: ClientRecord): boolean => {
  const value = Object.hasOwn(client.customFields, condition.name) ? client.customFields[condition.name] : null;
  const isPresent = value !== null && value !== undefined;
  if (condition.operator === 'present') return isPresent;
  if (condition.operator === 'absent') return !isPresent;
  if (condition.operator === 'not-equals') return !isPresent || !equals(value, condition.value);
  if (!isPresent) return false;
  switch (condition.operator) {
    case 'equals':
      return equals(value, condition.value);
    case 'in':
      return condition.values.some((each) => equals(value, each));
    case 'contains':
      return typeof value === 'string' && foldCase(value).includes(foldCase(condition.value));
    case 'less':
      return compare(value, condition.value) < 0;
    case 'at-most':
      return compare(value, condition.value) <= 0;
    case 'greater':
      return compare(value, condition.value) > 0;
    case 'at-least':
      return compare(value, condition.value) >= 0;
  }
};

const hasContact = (client: ClientRecord, type: ConditionOn<'contact'>['type']): boolean =>
  client.contacts.some((contact) => contact.type === type) ||
  (type === 'phone' && client.phone !== null) ||
  (type === 'email' && client.email !== null);

/** Consent is that of the address which a message on this transport would go to. */
const judgeConsent = (
  { operator, transport }: ConditionOn<'consent'>,
  client: ClientRecord,
  chat: ChatRecord | undefined,
): boolean => {
  const lastUsed = chat === undefined ? undefined : routeBack(chat, transport)?.address;
  const address = addressOn(client, transport, lastUsed);
  return address?.optedOut === (operator === 'opted-out');
};

const judge = (condition: Condition, { client, chat, now }: Facts): Verdict => {
  switch (condition.field) {
    case 'tags':
      return forGood(judgeTags(condition, client));
    case 'customField':
      return forGood(judgeCustomField(condition, client));
    case 'contact':
      return forGood(hasContact(client, condition.type) === (condition.operator === 'has'));
    case 'consent':
      return forGood(judgeConsent(condition, client, chat));
    case 'createdAt':
      return judgeDate(condition, client.createdAt, now);
    case 'lastMessageAt':
      return judgeDate(condition, chat?.lastMessageAt ?? null, now);
    case 'lastTransport':
      return forGood(condition.transports.some((transport) => transport === chat?.lastInboundTransport));
    case 'lastChannel': {
      const last = chat?.lastInboundTransport ?? undefined;
      const channelId = chat && last && routeBack(chat, last)?.channelId;
      return forGood(condition.channelIds.some((id) => id === channelId));
    }
    case 'assignee': {
      const assigneeId = chat?.assigneeId ?? null;
      if (condition.operator === 'unassigned') return forGood(assigneeId === null);
      return forGood(condition.userIds.some((id) => id === assigneeId));
    }
    case 'status': {
      // A chat that nobody has opened is in no list, and open only for want of another word.
      const status = chat?.openedAt === null ? undefined : chat?.status;
      return forGood(condition.statuses.some((each) => each === status));
    }
  }
};

/** Does this client belong? Until when is said early rather than late: a condition may turn while another still fails. */
export const evaluate = ({ all }: SegmentFilter, facts: Facts): Verdict => {
  const verdicts = all.map((condition) => judge(condition, facts));
  const failing = verdicts.filter(({ holds }) => !holds);
  const turns = (failing.length === 0 ? verdicts : failing).map(({ until }) => until);
  const known = turns.flatMap((until) => until ?? []);
  if (failing.length === 0) return { holds: true, until: known.length === 0 ? null : Math.min(...known) };
  // All that fail have to turn before the client can belong.
  return { holds: false, until: known.length < turns.length ? null : Math.max(...known) };
};

const ofTheChat: readonly Condition['field'][] = [
  'consent',
  'lastTransport',
  'lastChannel',
  'lastMessageAt',
  'assignee',
  'status',
];

/** Does whom it finds depend on more than the client itself? */
export const looksAtChats = ({ all }: SegmentFilter): boolean => all.some(({ field }) => ofTheChat.includes(field));
