import { randomBytes } from 'node:crypto';
import type { TelegramLink } from '../contract/telegram-link.ts';
import { type UserId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { userEvent } from '../domain/occurrence.ts';
import { LINK_MINUTES, linkCode, withBroken, withoutTelegram } from '../domain/telegram-link.ts';
import type { UserRecord } from '../domain/user.ts';
import { knownChannels } from '../table/channels.ts';
import { keepCode, unlinkAccount } from '../table/telegram-links.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';
import { changeUser, findUser } from '../table/users.ts';

/**
 * Makes a code for a user. One transaction.
 *
 * @throws Failure `telegram.no-bot`
 */
export const offerLink = async (act: Act, userId: UserId): Promise<TelegramLink> => {
  const channels = await knownChannels(act.tenant);
  const bot = channels.find(({ provider, status }) => provider === 'telegram' && status === 'active');
  if (bot === undefined) throw new Failure('telegram.no-bot', 'Ask an administrator to connect a Telegram bot.');
  const code = linkCode(randomBytes(24).toString('base64url'));
  const expiresAt = secondsAfter(act.now(), LINK_MINUTES * 60);
  await keepCode(act.tenant, code, userId, expiresAt);
  return { code, url: `https://t.me/${bot.address.replace('@', '')}?start=${code}`, expiresAt };
};

/**
 * Reads a user, and writes what becomes of its link, if anything does, with what is to be written in any case. One read,
 * one transaction.
 */
const changeLink = (
  act: Act,
  userId: UserId,
  decide: (user: UserRecord) => UserRecord | undefined,
  also: (user: UserRecord | undefined) => readonly Step[],
): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await findUser(act.tenant, userId);
    const after = before && decide(before);
    const steps = also(before);
    if (before !== undefined && after !== undefined) {
      await changeUser(act.tenant, before, after, userEvent(act, 'UserUpdated', after, before), steps);
    } else if (steps.length > 0) await commit(act.tenant, steps);
  });

/** Unlinks a user's account; nothing where none is linked. */
export const unlink = (act: Act, userId: UserId): Promise<void> =>
  changeLink(
    act,
    userId,
    (user) => (user.telegramAccount === null ? undefined : withoutTelegram(act, user)),
    (user) => (user?.telegramAccount ? [unlinkAccount(act.tenant, user.telegramAccount.id, userId)] : []),
  );

/**
 * Notes that a linked account blocks its bot, or lets it write again. Another account that was linked meanwhile is left
 * alone. `also` is written in the same transaction, or by itself where there is nothing to note.
 */
export const noteBroken = (
  act: Act,
  userId: UserId,
  account: { readonly id: string; readonly channelId: string },
  broken: boolean,
  also: readonly Step[] = [],
): Promise<void> =>
  changeLink(
    act,
    userId,
    (user) =>
      user.telegramAccount?.id === account.id && user.telegramAccount.channelId === account.channelId
        ? withBroken(act, user, broken)
        : undefined,
    () => also,
  );
