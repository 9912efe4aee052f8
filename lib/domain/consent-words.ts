/**
 * What clients write to refuse messages, in the languages they write in. The English words are those that Twilio and
 * the carriers take for a refusal. https://help.twilio.com/articles/223134027
 */
const STOP = [
  'stop',
  'stop all',
  'stopall',
  'unsubscribe',
  'cancel',
  'end',
  'quit',
  'revoke',
  'opt out',
  'optout',
  'стоп',
  'отписаться',
  'отписка',
  'отпишите',
  'отпишите меня',
  'отписать',
  'не писать',
  "to'xtatish",
  "to'xtating",
  "to'xtat",
  'obunani bekor qilish',
  'obunadan chiqish',
  'тўхтатиш',
  'тўхтатинг',
  'тўхтат',
  'обунани бекор қилиш',
  'обунадан чиқиш',
];

/** YES is left out: it is an answer to any question. Where it means START to Twilio, Twilio says so. */
const START = [
  'start',
  'unstop',
  'subscribe',
  'resume',
  'opt in',
  'optin',
  'старт',
  'подписаться',
  'подписка',
  'подпишите',
  'подпишите меня',
  'возобновить',
  'boshlash',
  'boshlang',
  "obuna bo'lish",
  'obuna',
  'бошлаш',
  'бошланг',
  'обуна бўлиш',
  'обуна',
];

/** Letters of Uzbek and Russian that many keyboards lack, and what is written instead. */
const PLAIN: Readonly<Record<string, string>> = { ў: 'у', қ: 'к', ғ: 'г', ҳ: 'х', ё: 'е' };

/** One form for all ways to write a word: case, apostrophes, punctuation and spaces around it do not matter. */
const fold = (text: string): string =>
  text
    // Before normalizing, which would make a space of an acute accent.
    .replace(/[\p{Cf}'`´‘’‛ʹʻʼʽˋ′‵ꞌ＇｀]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    // What belongs to a letter is one with it by now; what is left follows an emoji, a stressed vowel or a Turkish İ.
    .replace(/\p{M}/gu, '')
    .replace(/[ўқғҳё]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim();

const WORDS: ReadonlyMap<string, 'opted-out' | 'opted-in'> = new Map([
  ...STOP.map((word) => [fold(word), 'opted-out'] as const),
  ...START.map((word) => [fold(word), 'opted-in'] as const),
]);

/** Longer than any of the words. */
const LONGEST = 60;

/** What a message means for consent when it is one of the words and nothing else; undefined for every other one. */
export const consentWord = (text: string): 'opted-out' | 'opted-in' | undefined =>
  text.trim().length > LONGEST ? undefined : WORDS.get(fold(text));
