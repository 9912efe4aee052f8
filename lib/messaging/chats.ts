import type { ChatInput } from '../contract/chats.ts';
import type { ChatId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { opened, reopened, replaceChat as replaced } from '../domain/chat-status.ts';
import { requireVersion } from '../domain/failure.ts';
import { chatEvent } from '../domain/occurrence.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { whileActiveUser } from '../table/assignees.ts';
import { changeHead } from '../table/chat-head.ts';
import { findChat, getChat } from '../table/chats.ts';
import { announce } from '../table/outbox.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';

/**
 * Opens a client's chat, if it is not open yet. One read and one transaction.
 *
 * @param remember gives what makes the transaction happen once, for the reply that carries this chat
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const openChat = (
  act: Act,
  id: ChatId,
  remember: (chat: ChatRecord) => readonly Step[],
): Promise<{ readonly chat: ChatRecord; readonly isNew: boolean }> =>
  untilUndisturbed(async () => {
    const before = await getChat(act.tenant, id);
    if (before.openedAt !== null) return { chat: before, isNew: false };
    const chat = opened(before, instant(act.now()));
    await commit(act.tenant, [
      ...remember(chat),
      changeHead(act.tenant, before, chat),
      announce(chatEvent(act, 'ChatCreated', chat)),
    ]);
    return { chat, isNew: true };
  });

/**
 * Says who has a chat and how it stands. What nobody has opened is opened by that; what is so already changes nothing.
 * One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`, `version.stale`, `chat.snooze-past`, `assignee.unknown`,
 * `assignee.inactive`
 */
export const replaceChat = (act: Act, id: ChatId, input: ChatInput, ifMatch: number | undefined): Promise<ChatRecord> =>
  untilUndisturbed(async () => {
    const before = await getChat(act.tenant, id);
    requireVersion(ifMatch, before.version);
    const inInbox = opened(before, instant(act.now()));
    const after = replaced(act, inInbox, input);
    const events: DomainEvent[] = [
      ...(inInbox === before ? [] : [chatEvent(act, 'ChatCreated', inInbox)]),
      ...(after === inInbox ? [] : [chatEvent(act, 'ChatUpdated', after, inInbox)]),
    ];
    if (events.length === 0) return before;
    // Whoever has the chat may keep it, deactivated or not.
    const given = after.assigneeId === before.assigneeId ? null : after.assigneeId;
    await commit(act.tenant, [
      changeHead(act.tenant, before, after),
      ...(given === null ? [] : [whileActiveUser(act.tenant, given)]),
      ...events.map(announce),
    ]);
    return after;
  });

/** Opens a snoozed chat whose time has come. One read and one transaction. */
export const wakeChat = (act: Act, id: ChatId): Promise<void> =>
  untilUndisturbed(async () => {
    const chat = await findChat(act.tenant, id);
    const now = instant(act.now());
    if (chat?.state !== 'active' || chat.snoozedUntil === null || chat.snoozedUntil > now) return;
    const after = reopened(chat, now);
    await commit(act.tenant, [
      changeHead(act.tenant, chat, after),
      announce(chatEvent(act, 'ChatUpdated', after, chat)),
    ]);
  });
