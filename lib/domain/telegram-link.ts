import type { Language } from '../contract/settings.ts';
import { instant, type Act } from './act.ts';
import type { UserRecord } from './user.ts';

export const LINK_MINUTES = 15;

/** What tells a code of ours from whatever else brings people to a bot by a link. */
const PREFIX = 'parley-';
/** 24 random bytes. Telegram takes 64 of these characters. https://core.telegram.org/bots/features#deep-linking */
const CODE = /^parley-[A-Za-z0-9_-]{32}$/;

/** @param random 24 bytes in base64url */
export const linkCode = (random: string): string => `${PREFIX}${random}`;

/** The code in what Telegram sends when somebody presses Start, or sends the code alone; undefined for what is none by its form. */
export const codeIn = (text: string): string | undefined => {
  const words = text.trim().split(/\s+/);
  const [code = ''] = /^\/start(@\w+)?$/i.test(words[0] ?? '') ? words.slice(1) : words;
  return CODE.test(code) ? code : undefined;
};

interface Account {
  readonly id: string;
  readonly channelId: string;
  readonly name: string | null;
}

export const withTelegram = (act: Act, user: UserRecord, { id, channelId, name }: Account): UserRecord => {
  const now = instant(act.now());
  return {
    ...user,
    telegram: { name, linkedAt: now, brokenAt: null },
    telegramAccount: { id, channelId },
    updatedAt: now,
  };
};

export const withoutTelegram = (act: Act, user: UserRecord): UserRecord => ({
  ...user,
  telegram: null,
  telegramAccount: null,
  updatedAt: instant(act.now()),
});

/** The account blocks the bot, or lets it write again; undefined where that is known. */
export const withBroken = (act: Act, user: UserRecord, broken: boolean): UserRecord | undefined => {
  if (user.telegram === null || (user.telegram.brokenAt !== null) === broken) return undefined;
  const now = instant(act.now());
  return { ...user, telegram: { ...user.telegram, brokenAt: broken ? now : null }, updatedAt: now };
};

export type BotAnswer = 'linked' | 'code-unknown' | 'linked-already' | 'of-a-client';

const answers: Readonly<Record<Language, Readonly<Record<BotAnswer, string>>>> = {
  en: {
    linked: 'Done. From now on you are told here of new messages, as your notification settings say.',
    'code-unknown': 'This code was used already, has expired, or is none of ours. Ask for a new one in your settings.',
    'linked-already':
      'This account is linked to a user: you are told here of new messages. Answer clients in the console; nobody reads what you write here.',
    'of-a-client':
      'This Telegram account is that of a client, so it was not linked to a user. What you write here is read as before. If you work here, link another account, or have the client deleted first.',
  },
  ru: {
    linked: 'Готово. Теперь о новых сообщениях вы узнаете здесь — так, как указано в ваших настройках уведомлений.',
    'code-unknown': 'Этот код уже использован, устарел или неверен. Запросите новый в настройках.',
    'linked-already':
      'Этот аккаунт привязан к пользователю: сюда приходят уведомления о новых сообщениях. Отвечайте клиентам в консоли — здесь ваши сообщения никто не читает.',
    'of-a-client':
      'Этот аккаунт Telegram принадлежит клиенту, поэтому он не привязан к пользователю. Ваши сообщения здесь читают, как и прежде. Если вы работаете у нас, привяжите другой аккаунт или попросите сначала удалить клиента.',
  },
  uz: {
    linked: 'Tayyor. Endi yangi xabarlar haqida shu yerda, bildirishnoma sozlamalaringizga muvofiq xabar beriladi.',
    'code-unknown': 'Bu kod ishlatilgan, muddati o‘tgan yoki noto‘g‘ri. Sozlamalarda yangisini so‘rang.',
    'linked-already':
      'Bu akkaunt foydalanuvchiga bog‘langan: yangi xabarlar haqida shu yerda xabar beriladi. Mijozlarga konsolda javob bering; bu yerga yozganlaringizni hech kim o‘qimaydi.',
    'of-a-client':
      'Bu Telegram akkaunti mijozniki, shuning uchun u foydalanuvchiga bog‘lanmadi. Bu yerga yozganlaringiz avvalgidek o‘qiladi. Agar bizda ishlasangiz, boshqa akkauntni bog‘lang yoki avval mijozni o‘chirishni so‘rang.',
  },
};

/** What the bot says to a user, or to somebody who would be one. */
export const botAnswer = (language: Language, answer: BotAnswer): string => answers[language][answer];

/** The language a user is spoken to; `languages` are the tenant's. */
export const languageOf = (user: Pick<UserRecord, 'languages'> | undefined, languages: readonly Language[]): Language =>
  user?.languages[0] ?? languages[0] ?? 'en';
