import type { TenantId, UserId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { Identity } from '../domain/identity.ts';
import { userEvent } from '../domain/occurrence.ts';
import {
  botAnswer,
  codeIn,
  languageOf,
  withoutTelegram,
  withTelegram,
  type BotAnswer,
} from '../domain/telegram-link.ts';
import type { UserRecord } from '../domain/user.ts';
import type { InboundMessage } from '../providers/provider.ts';
import { findHolders, whileUnheld } from '../table/identities.ts';
import { Replayed } from '../table/messages.ts';
import { knownSettings } from '../table/settings.ts';
import {
  findAccountUser,
  findCode,
  linkAccount,
  recordUpdate,
  unlinkAccount,
  useCode,
} from '../table/telegram-links.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';
import { changeUser, findUser, userSteps } from '../table/users.ts';
import { providerOf } from './provider-access.ts';
import { noteBroken } from './telegram-link.ts';

/** An update of Telegram's, and the bot that it came to. */
interface Arrived {
  readonly channel: ChannelRecord;
  readonly inbound: InboundMessage;
}

const receipt = (act: Act, { channel, inbound }: Arrived): Step =>
  recordUpdate(act.tenant, channel.id, inbound.deduplicationId, act.now());

/** The bot says something, once: whether that arrives makes no difference to what was done. */
const answer = async (
  act: Act,
  { channel, inbound }: Arrived,
  user: UserRecord | undefined,
  what: BotAnswer,
): Promise<void> => {
  const [{ languages }, { provider, credentials }] = await Promise.all([
    knownSettings(act.tenant),
    providerOf(act.tenant, channel),
  ]);
  await provider.send(credentials, {
    transport: 'telegram',
    from: channel.address,
    to: inbound.from.address,
    text: botAnswer(languageOf(user, languages), what),
    media: [],
    statusCallbackUrl: channel.webhookUrl,
  });
};

const activeUser = async (tenant: TenantId, id: UserId | undefined): Promise<UserRecord | undefined> => {
  const user = id === undefined ? undefined : await findUser(tenant, id);
  return user?.active === true ? user : undefined;
};

const nameOf = ({ from }: InboundMessage): string | null =>
  from.handle === undefined
    ? [from.firstName, from.lastName].filter((part) => part !== undefined).join(' ')
    : `@${from.handle}`;

/** What it takes to leave the account that the user had before, and to take this one from whom it was linked to. */
const leavingSteps = async (
  act: Act,
  user: UserRecord,
  account: string,
  holder: UserId | undefined,
): Promise<Step[]> => {
  const own = user.telegramAccount;
  const left = own === null || own.id === account ? [] : [unlinkAccount(act.tenant, own.id, user.id)];
  const other = holder === undefined || holder === user.id ? undefined : await findUser(act.tenant, holder);
  if (other?.telegramAccount?.id !== account) return left;
  const after = withoutTelegram(act, other);
  return [...left, ...userSteps(act.tenant, other, after, userEvent(act, 'UserUpdated', after, other))];
};

/** What a client with this account is known by: its number, and the name that somebody may have written down. */
const identitiesIn = ({ from }: InboundMessage): Identity[] =>
  [from.address, from.handle].flatMap((name) =>
    name === undefined ? [] : [{ kind: 'telegram' as const, value: name.toLowerCase() }],
  );

interface Linking {
  readonly what: BotAnswer;
  readonly user?: UserRecord;
}

/**
 * Links the account to whom the code was made for, unless it is a client's: then the link was sent by mistake, and the
 * client's messages would be kept nowhere. Four reads and one transaction, which the code survives only if it is not used.
 */
const link = (system: Act, arrived: Arrived, code: string): Promise<Linking> =>
  untilUndisturbed(async () => {
    const { tenant } = system;
    const refuse = async (what: BotAnswer): Promise<Linking> => {
      await commit(tenant, [receipt(system, arrived)]);
      return { what };
    };
    const user = await activeUser(tenant, await findCode(tenant, code, system.now()));
    if (user === undefined) return refuse('code-unknown');
    const identities = identitiesIn(arrived.inbound);
    if ((await findHolders(tenant, identities)).some((client) => client !== undefined)) return refuse('of-a-client');
    const act: Act = { ...system, actor: { type: 'user', id: user.id } };
    const { address: id } = arrived.inbound.from;
    const holder = await findAccountUser(tenant, id);
    const after = withTelegram(act, user, { id, channelId: arrived.channel.id, name: nameOf(arrived.inbound) });
    await changeUser(tenant, user, after, userEvent(act, 'UserUpdated', after, user), [
      receipt(act, arrived),
      useCode(tenant, code),
      linkAccount(tenant, id, user.id, holder),
      ...identities.map((identity) => whileUnheld(tenant, identity)),
      ...(await leavingSteps(act, user, id, holder)),
    ]);
    return { what: 'linked', user: after };
  });

/** A user wrote to the bot, blocked it, or let it write again. */
const hear = async (act: Act, arrived: Arrived, user: UserRecord): Promise<void> => {
  const { channel, inbound } = arrived;
  if (inbound.consent === 'opted-out' || inbound.consent === 'opted-in') {
    const account = { id: inbound.from.address, channelId: channel.id };
    // In one transaction: after a crash between two, the update would be a replay of which nothing was noted.
    await noteBroken(act, user.id, account, inbound.consent === 'opted-out', [receipt(act, arrived)]);
    return;
  }
  await commit(act.tenant, [receipt(act, arrived)]);
  await answer(act, arrived, user, 'linked-already');
};

const take = async (act: Act, arrived: Arrived): Promise<boolean> => {
  const { entry, editOf, text, from } = arrived.inbound;
  const code = entry === 'client' && editOf === undefined ? codeIn(text) : undefined;
  if (code !== undefined) {
    const { what, user } = await link(act, arrived, code);
    await answer(act, arrived, user, what);
    return true;
  }
  const user = await activeUser(act.tenant, await findAccountUser(act.tenant, from.address));
  if (user === undefined) return false;
  await hear(act, arrived, user);
  return true;
};

/**
 * Takes what comes from somebody who works here, or is about to link an account: it makes no client, chat or message. One
 * read for what comes from anybody else, one more where the account belongs to a user.
 *
 * @returns undefined for a client's
 */
export const takeFromUser = async (
  act: Act,
  channel: ChannelRecord,
  inbound: InboundMessage,
): Promise<'done' | 'replayed' | undefined> => {
  if (inbound.transport !== 'telegram') return undefined;
  try {
    return (await take(act, { channel, inbound })) ? 'done' : undefined;
  } catch (error) {
    if (error instanceof Replayed) return 'replayed';
    throw error;
  }
};
