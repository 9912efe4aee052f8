import { ChatSchema } from '../contract/chats.ts';
import { MessageSchema } from '../contract/messages.ts';
import type { Change } from '../contract/realtime.ts';
import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { MessageRecordSchema, seenIn, type MessageRecord } from '../domain/message.ts';
import type { Changed } from '../domain/realtime.ts';
import { ScheduledRecordSchema } from '../domain/scheduled.ts';
import { showChat } from '../domain/whatsapp-window.ts';
import { findChat } from '../table/chats.ts';
import { findLine } from '../table/documents.ts';
import { chatKey, messageKey, scheduledKey, type Key } from '../table/keys.ts';
import { readTogether } from '../table/read-together.ts';
import { inLots } from './side-by-side.ts';

/** As many as one read takes. */
const LOT = 100;

const readAll = async (tenant: TenantId, keys: readonly Key[]): Promise<(key: Key) => unknown> => {
  const lots = await Promise.all(inLots(keys, LOT).map((lot) => readTogether(tenant, lot)));
  return (key) => lots.map((find) => find(key)).find((item) => item !== undefined);
};

type ChangedMessage = Extract<Changed, { kind: 'message' }>;

const placeOf = (tenant: TenantId, { chatId, messageId, isScheduled }: ChangedMessage): Key =>
  isScheduled ? scheduledKey(tenant, chatId, messageId) : messageKey(tenant, chatId, messageId);

/** The message; none where another one was made of a scheduled one, which is told by itself. */
const messageIn = ({ isScheduled }: ChangedMessage, item: unknown): MessageRecord | undefined => {
  if (item === undefined) return undefined;
  if (!isScheduled) return MessageRecordSchema.parse(item);
  const scheduled = ScheduledRecordSchema.parse(item);
  return scheduled.messageId === null ? scheduled : undefined;
};

/** In which chat the messages of this one are shown, if in any. */
const shownIn = async (tenant: TenantId, chat: ChatRecord): Promise<ChatRecord | undefined> => {
  if (chat.state !== 'absorbed') return chat.state === 'active' ? chat : undefined;
  const last = (await findLine(tenant, chat.id)).at(-1);
  return last?.state === 'active' ? findChat(tenant, last.id) : undefined;
};

/**
 * How these chats and messages stand now, as it is told. Messages that cannot be seen any more are left out, as are chats
 * that nobody has opened. One read for each hundred items.
 *
 * A chat's version is the time at which its reading began. Whoever tells of the last change of a chat begins to read
 * after it was written, and after everybody who read less: so the highest version holds the last change. The clocks of
 * two readers would have to differ by more than an event needs to arrive. A message counts its own writes.
 */
export const currentOf = async (act: Act, changes: readonly Changed[]): Promise<Change[]> => {
  const { tenant } = act;
  const begun = act.now();
  const at = instant(begun);
  const messages = changes.filter((change) => change.kind === 'message');
  const find = await readAll(tenant, [
    ...changes.map(({ chatId }) => chatKey(tenant, chatId)),
    ...messages.map((message) => placeOf(tenant, message)),
  ]);
  const headOf = (chatId: ChatId): ChatRecord | undefined => {
    const item = find(chatKey(tenant, chatId));
    return item === undefined ? undefined : ChatRecordSchema.parse(item);
  };

  const chatChange = (id: ChatId): readonly Change[] => {
    const head = headOf(id);
    const base = { type: 'chat.changed' as const, id, version: begun.getTime(), at };
    if (head?.state !== 'active') return [{ ...base, data: null }];
    return head.openedAt === null ? [] : [{ ...base, data: ChatSchema.parse(showChat(head, begun)) }];
  };
  const messageChange = async (change: ChangedMessage): Promise<readonly Change[]> => {
    const message = messageIn(change, find(placeOf(tenant, change)));
    const head = headOf(change.chatId);
    const shown = message === undefined || head === undefined ? undefined : await shownIn(tenant, head);
    if (message === undefined || shown === undefined) return [];
    const { id, revision: version } = message;
    const data = MessageSchema.parse(seenIn(shown.id)(message));
    return [{ type: change.isNew ? 'message.created' : 'message.changed', id, version, at, data }];
  };
  const told = await Promise.all(
    changes.map(async (change) => (change.kind === 'chat' ? chatChange(change.chatId) : messageChange(change))),
  );
  return told.flat();
};
