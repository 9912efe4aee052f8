import type { NewMember } from '../contract/chats.ts';
import type { Member } from '../contract/messages.ts';
import type { ChatId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { notFound } from '../domain/failure.ts';
import { distinctMembers, newMember, showMember } from '../domain/member.ts';
import { memberEvent } from '../domain/occurrence.ts';
import { whileActive } from '../table/belongings.ts';
import { getChat, getChatAndClient } from '../table/chats.ts';
import { insertMember, removeMember as removalSteps } from '../table/member-entry.ts';
import { findMember } from '../table/members.ts';
import { announce } from '../table/outbox.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';

const shown = (chatId: ChatId, found: Awaited<ReturnType<typeof findMember>>): Member | undefined =>
  distinctMembers(found.map(({ record, transports }) => showMember(chatId, record, transports)))[0];

/**
 * Adds who is to take part; somebody who does already stays as it is. Two reads and one transaction.
 *
 * @param remember gives what makes the transaction happen once, for the reply that carries this member
 * @throws Failure `resource.not-found`, also for a contact that the client has not got
 */
export const addMember = (
  act: Act,
  chatId: ChatId,
  input: NewMember,
  remember: (member: Member) => Step[],
): Promise<{ readonly member: Member; readonly isNew: boolean }> =>
  untilUndisturbed(async () => {
    const { chat, client } = await getChatAndClient(act.tenant, chatId);
    const { record, transport } = newMember(act, client, input);
    const known = shown(chatId, await findMember(act.tenant, chat, record.id));
    if (known !== undefined) return { member: known, isNew: false };
    const member = showMember(chatId, record, transport === undefined ? [] : [transport]);
    await commit(act.tenant, [
      ...remember(member),
      whileActive(act.tenant, chatId),
      ...insertMember(act.tenant, chatId, record, transport),
      announce(memberEvent(act, 'MemberAdded', member)),
    ]);
    return { member, isNew: true };
  });

/** Removes a member with all that is known of how it is reached. Two reads, a query and one transaction. */
export const removeMember = (act: Act, chatId: ChatId, memberId: string): Promise<void> =>
  untilUndisturbed(async () => {
    const chat = await getChat(act.tenant, chatId);
    const found = await findMember(act.tenant, chat, memberId);
    const member = shown(chatId, found);
    if (member === undefined) throw notFound();
    await commit(act.tenant, [
      whileActive(act.tenant, chatId),
      ...found.flatMap(({ home, transports }) => removalSteps(act.tenant, home, memberId, transports)),
      announce(memberEvent(act, 'MemberRemoved', member)),
    ]);
  });
