import type { Deliveries, Post } from './delivery.ts';
import { NO_ANSWER } from './delivery.ts';
import type { State } from './state.ts';

/** A bot as it introduces itself; the token begins with its id. */
export const botUser = (token: string) => {
  const id = Number(token.split(':')[0]);
  return { id, is_bot: true, first_name: 'Parley', username: `parley_${id}_bot` };
};

/** A customer's account. Without a numeric id there is none. */
export const telegramUser = (id: number, name: string | undefined) => {
  const [first = 'Customer', ...rest] = (name ?? '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const last = rest.length > 0 ? { last_name: rest.join(' ') } : {};
  return { id, is_bot: false, first_name: first, ...last, username: `user${id}`, language_code: 'en' };
};

export const privateChat = ({ id, first_name, username }: ReturnType<typeof telegramUser>) => ({
  id,
  first_name,
  username,
  type: 'private',
});

export const unixNow = (): number => Math.floor(Date.now() / 1_000);

const chatKey = (token: string, chatId: number | string): string => `message ${token} ${chatId}`;

/** Messages are numbered within a chat with a bot, whoever wrote them. */
export const nextMessageId = (state: State, token: string, chatId: number): number =>
  state.nextNumber(chatKey(token, chatId));

/** Has either of them written to the other? */
export const hasChat = (state: State, token: string, chatId: string): boolean =>
  state.hasNumber(chatKey(token, chatId));

export const nextUpdateId = (state: State, token: string): number => state.nextNumber(`update ${token}`, 100_001);

/** An update on its way, with the secret that setWebhook was given. */
export const updatePost = (url: string, secret: string | undefined, update: object): Post => ({
  url: url.replace(/#.*$/, ''),
  headers: {
    'content-type': 'application/json',
    ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
  },
  body: JSON.stringify(update),
});

const RETRIES = 5;
const FIRST_WAIT_MS = 1_000;

/** "In case of an unsuccessful request, we will repeat the request and give up after a reasonable amount of attempts." */
export const deliverUpdate = (deliveries: Deliveries, post: Post): Promise<number> =>
  deliveries.postPersistently(
    post,
    (status) => status === NO_ANSWER || status < 200 || status > 299,
    RETRIES,
    FIRST_WAIT_MS,
  );

/** Blocks or lets in the bot, and tells it so. https://core.telegram.org/bots/api#chatmemberupdated */
export const memberUpdate = (state: State, token: string, chatId: number, blocked: boolean) => {
  const user = telegramUser(chatId, undefined);
  const member = (status: string) => ({ user: botUser(token), status });
  return {
    update_id: nextUpdateId(state, token),
    my_chat_member: {
      chat: privateChat(user),
      from: user,
      date: unixNow(),
      old_chat_member: member(blocked ? 'member' : 'kicked'),
      new_chat_member: blocked ? { ...member('kicked'), until_date: 0 } : member('member'),
    },
  };
};
