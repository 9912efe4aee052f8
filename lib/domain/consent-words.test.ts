import * as fc from 'fast-check';
import { consentWord } from './consent-words.ts';

const stop = [
  'STOP',
  'stopall',
  'Unsubscribe',
  'Opt-out',
  'СТОП',
  'Отписаться',
  'отписка',
  "TO'XTATISH",
  'Toʻxtatish',
  'to‘xtating',
  'toxtatish',
  'ТЎХТАТИШ',
  'тухтатиш',
  'OBUNANI BEKOR QILISH',
  'Обунани бекор қилиш',
  'обунани бекор килиш',
  'ＳＴＯＰ',
  'Сто\u0301п',
  'UNSUBSCR\u0130BE',
  'to\u02bdxtatish',
  'to\u0312xtatish',
  'ту\u0306хтатиш',
  'STOP \u2764\ufe0f',
];
const start = ['START', 'Unstop', 'СТАРТ', 'Подписаться', 'Boshlash', 'БОШЛАШ', "OBUNA BO'LISH", 'Обуна бўлиш'];

describe('the words for consent', () => {
  it.each(stop)('%s refuses', (word) => {
    expect(consentWord(word)).toBe('opted-out');
  });

  it.each(start)('%s allows', (word) => {
    expect(consentWord(word)).toBe('opted-in');
  });

  it.each([
    '',
    ' ',
    '!',
    'yes',
    'Salom',
    'stop it',
    'please stop',
    'the end',
    'non-stop',
    'не стоп',
    'стоп-кран',
    "to'xtatish kerak",
  ])('"%s" means nothing', (text) => {
    expect(consentWord(text)).toBeUndefined();
  });

  it('mean the same in any case, between any spaces and signs', () => {
    const around = fc.stringMatching(/^[ .!"«»()\n\t*🛑]{0,8}$/u);
    fc.assert(
      fc.property(fc.constantFrom(...stop, ...start), around, around, fc.boolean(), (word, before, after, upper) => {
        const written = upper ? word.toUpperCase() : word.toLowerCase();
        expect(consentWord(`${before}${written}${after}`)).toBe(consentWord(word));
      }),
    );
  });

  it('mean the same however much space is around them, and nothing in a long text', () => {
    const space = ' \n'.repeat(100);
    expect(consentWord(`${space}stop${space}`)).toBe('opted-out');
    expect(consentWord(`stop${'!'.repeat(100)}`)).toBeUndefined();
  });

  it('mean nothing with any other word beside them', () => {
    const others = fc.constantFrom('please', 'me', 'now', 'пожалуйста', 'меня', 'iltimos', 'илтимос', '1', 'ok');
    fc.assert(
      fc.property(fc.constantFrom(...stop, ...start), others, (word, another) => {
        expect(consentWord(`${word} ${another}`)).toBeUndefined();
        expect(consentWord(`${another}, ${word}`)).toBeUndefined();
      }),
    );
  });
});
