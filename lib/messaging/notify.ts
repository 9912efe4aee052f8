import { environment } from '../config/environment.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import type { MessageRecord } from '../domain/message.ts';
import {
  claimNotice,
  isWaiting,
  isWorthTelling,
  wantedWays,
  type Notice,
  type NoticeClaim,
  type NoticeWay,
} from '../domain/notice.ts';
import { noticeText } from '../domain/notice-text.ts';
import { languageOf } from '../domain/telegram-link.ts';
import type { UserRecord } from '../domain/user.ts';
import { findChat } from '../table/chats.ts';
import { findClient } from '../table/clients.ts';
import { findMessageInChat } from '../table/messages.ts';
import { claimNotices, findNotices, NobodyWrote, recordNotices } from '../table/notices.ts';
import { knownSettings, type SettingsRecord } from '../table/settings.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { findUsers } from '../table/users.ts';
import { mailSettings } from './reachable.ts';
import { inLots, sideBySide } from './side-by-side.ts';
import { tell, type TellingOutcome } from './tell.ts';

/**
 * Who dies in between leaves no more than so many untold. Where every call takes as long as it may, a lot that is begun at
 * the last moment is told of before the function's time is over.
 */
const LOT = 10;
/** Telegram takes 30 a second of a bot, which clients' messages need too. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const AT_ONCE = 5;
/** What is not begun by then is begun when the event is shown again. */
const BEGIN_WITHIN_SECONDS = 20;

/** Not everybody has been told yet: the event has to be shown again. */
class Untold extends Error {
  override name = 'Untold';
}

/** Is told of whom nobody could tell, and why: operators have to know that no mail goes out. */
type Report = (user: UserRecord, way: NoticeWay, outcome: TellingOutcome) => void;

interface Recipient {
  readonly user: UserRecord;
  readonly ways: readonly NoticeWay[];
}

interface Occasion {
  readonly message: MessageRecord;
  readonly chat: ChatRecord;
  readonly settings: SettingsRecord;
}

/** The chat that a message is read in: its own, or the one that continues it. A read, and two more for each merge. */
const readIn = async (act: Act, own: ChatRecord): Promise<ChatRecord | undefined> => {
  let chat: ChatRecord | undefined = own;
  while (chat?.state === 'absorbed') {
    const client: ClientRecord | undefined = await findClient(act.tenant, chat.clientId);
    const survivorId = client?.survivorId ?? null;
    chat = survivorId === null ? undefined : await findChat(act.tenant, survivorId);
  }
  return chat?.state === 'active' ? chat : undefined;
};

const findOccasion = async (act: Act, chatId: ChatId, id: MessageId): Promise<Occasion | undefined> => {
  const found = await findMessageInChat(act.tenant, chatId, id);
  if (found === undefined || !isWorthTelling(found.message, act.now())) return undefined;
  const chat = await readIn(act, found.chat);
  return chat && { message: found.message, chat, settings: await knownSettings(act.tenant) };
};

const findRecipients = async (act: Act, { message, chat, settings }: Occasion): Promise<Recipient[]> => {
  const users = await findUsers(act.tenant);
  // Of a chat whose user was deactivated somebody has to hear all the same.
  const assigneeId = users.find(({ id, active }) => active && id === chat.assigneeId)?.id ?? null;
  const tenantZone = settings.timeZone;
  const circumstances = { message, assigneeId, tenantZone, hasMail: mailSettings() !== undefined, now: act.now() };
  return users.map((user) => ({ user, ways: wantedWays(user, circumstances) })).filter(({ ways }) => ways.length > 0);
};

interface Claimed extends NoticeClaim {
  readonly user: UserRecord;
}

/** Takes on telling those of a lot who were not told; whoever comes second finds them taken. */
const claimLot = (act: Act, message: MessageRecord, lot: readonly Recipient[]): Promise<Claimed[]> =>
  untilUndisturbed(async () => {
    const { notices, told } = await findNotices(act.tenant, message.chatId, message.id);
    const claimed = lot.flatMap(({ user, ways }) => {
      const known = { notice: notices.get(user.id), told: told.get(user.id) };
      const claim = claimNotice(user.id, ways, known, { message, now: act.now() });
      return claim === undefined ? [] : [{ ...claim, user }];
    });
    if (claimed.length > 0) {
      await claimNotices(
        act,
        message,
        claimed.map(({ notice }) => notice),
      );
    }
    return claimed;
  });

const tellOne = async (
  act: Act,
  occasion: Occasion,
  { user, ways, notice }: Claimed,
  report: Report,
): Promise<Notice> => {
  const { message, chat, settings } = occasion;
  const text = noticeText(languageOf(user, settings.languages), {
    client: chat.client,
    transport: message.transport,
    text: message.text,
    files: message.attachments.length,
    url: `${environment().PUBLIC_BASE_URL}/console/chats/${chat.id}`,
  });
  const states = await Promise.all(
    ways.map(async (way) => {
      const outcome = await tell(act, way, { user, notice: text, about: message.id });
      if (outcome.state !== 'sent') report(user, way, outcome);
      return [way, outcome.state] as const;
    }),
  );
  return { ...notice, ...Object.fromEntries(states) };
};

const tellLot = async (act: Act, occasion: Occasion, lot: readonly Recipient[], report: Report): Promise<boolean> => {
  const claimed = await claimLot(act, occasion.message, lot);
  if (claimed.length === 0) return false;
  const notices = await sideBySide(AT_ONCE, claimed, (claim) => tellOne(act, occasion, claim, report));
  await recordNotices(act, occasion.message.chatId, notices);
  return notices.some(isWaiting);
};

/**
 * Tells the users of a client's message, each as the user wants and nobody twice: who is told is written down before, and
 * what may have gone out is not repeated. One read of the message with its chat, one query of the users; for each lot of 10
 * who want to be told two queries and two transactions.
 *
 * @throws Untold when somebody is left for another time
 */
export const notifyOf = async (
  act: Act,
  chatId: ChatId,
  id: MessageId,
  report: Report = () => undefined,
): Promise<void> => {
  const until = act.now().getTime() + BEGIN_WITHIN_SECONDS * 1000;
  const occasion = await findOccasion(act, chatId, id);
  if (occasion === undefined) return;
  let isLeft = false;
  try {
    for (const lot of inLots(await findRecipients(act, occasion), LOT)) {
      if (act.now().getTime() > until) throw new Untold('There are more users to be told than there is time.');
      isLeft = (await tellLot(act, occasion, lot, report)) || isLeft;
    }
  } catch (error) {
    if (error instanceof NobodyWrote) return;
    throw error;
  }
  if (isLeft) throw new Untold('Some users could not be told at the moment.');
};
