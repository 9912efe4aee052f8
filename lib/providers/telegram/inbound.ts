import type { InboundMessage, InboundSender, InboundUpdate, Webhook } from '../provider.ts';
import { readContent } from './content.ts';
import { telegramMessageId } from './message-id.ts';
import {
  type TelegramMemberChange,
  type TelegramMessage,
  type TelegramUpdate,
  type TelegramUser,
  UpdateSchema,
} from './update-schema.ts';

const senderOf = ({ id, first_name, last_name, username }: TelegramUser): InboundSender => ({
  address: String(id),
  firstName: first_name === '' ? (username ?? String(id)) : first_name,
  ...(last_name === undefined ? {} : { lastName: last_name }),
  ...(username === undefined ? {} : { handle: username }),
});

const toInstant = (unixSeconds: number): string => new Date(unixSeconds * 1_000).toISOString();

const NOT_PRIVATE: InboundUpdate = { kind: 'ignored', reason: 'not a private chat' };

const fromMessage = (updateId: number, message: TelegramMessage, edited: boolean): InboundUpdate => {
  if (message.chat.type !== 'private') return NOT_PRIVATE;
  if (!message.from) return { kind: 'unparsable', reason: 'a message without a sender' };
  const providerMessageId = telegramMessageId(message.chat.id, message.message_id);
  return {
    kind: 'message',
    deduplicationId: String(updateId),
    providerMessageId,
    transport: 'telegram',
    from: senderOf(message.from),
    ...readContent(message),
    providerTime: toInstant(message.edit_date ?? message.date),
    ...(edited ? { editOf: providerMessageId } : {}),
  };
};

/** A client blocks the bot (`kicked`) or lets it write again (`member`): https://core.telegram.org/bots/api#chatmember */
const MEMBER_CHANGES: Readonly<
  Record<string, Pick<InboundMessage, 'text'> & Required<Pick<InboundMessage, 'consent'>>>
> = {
  kicked: { text: 'Blocked the bot.', consent: 'opted-out' },
  member: { text: 'Allowed the bot to write.', consent: 'opted-in' },
};

const fromMemberChange = (updateId: number, change: TelegramMemberChange): InboundUpdate => {
  if (change.chat.type !== 'private') return NOT_PRIVATE;
  const meaning = MEMBER_CHANGES[change.new_chat_member.status];
  if (!meaning) return { kind: 'ignored', reason: `membership ${change.new_chat_member.status}` };
  return {
    kind: 'message',
    deduplicationId: String(updateId),
    providerMessageId: `${change.chat.id}:update-${updateId}`,
    transport: 'telegram',
    from: senderOf(change.from),
    entry: 'system',
    media: [],
    providerTime: toInstant(change.date),
    ...meaning,
  };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const fromUpdate = (update: TelegramUpdate): InboundUpdate => {
  if (update.message) return fromMessage(update.update_id, update.message, false);
  if (update.edited_message) return fromMessage(update.update_id, update.edited_message, true);
  if (update.my_chat_member) return fromMemberChange(update.update_id, update.my_chat_member);
  const kind = Object.keys(update).find((name) => name !== 'update_id') ?? 'nothing';
  return { kind: 'unparsable', reason: `an update of a kind not asked for: ${kind}` };
};

/** Reads an update. */
export const parseTelegramInbound = (webhook: Webhook): InboundUpdate => {
  const update = UpdateSchema.safeParse(parseJson(webhook.body));
  return update.success ? fromUpdate(update.data) : { kind: 'unparsable', reason: 'not an update of the Bot API' };
};
