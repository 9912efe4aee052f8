import * as fc from 'fast-check';
import { plainWords } from './folding.ts';
import { isFound, parseSearch } from './search-query.ts';
import {
  addressTerms,
  beginningTerms,
  documentTerms,
  keysOfTerms,
  keysToLookUp,
  phoneTerms,
  wordTerms,
} from './terms.ts';

/** Is what has these terms found by this query? */
const finds = (query: string, terms: readonly string[]): boolean => isFound(new Set(terms), parseSearch(query));

describe('the terms of a name', () => {
  it.each([
    ['Шоҳруҳ', 'S'],
    ['Шоҳруҳ', 'sh'],
    ['Шоҳруҳ', 'Шо'],
    ['Shohruh', 'ш'],
    ['Khurshid', 'K'],
    ['Khurshid', 'Kh'],
    ['Khurshid', 'Ху'],
    ['Хуршид', 'khur'],
    ['Yelena', 'Y'],
    ['Yelena', 'Ye'],
    ['Yelena', 'El'],
    ['Елена', 'yel'],
    ['Djamshid', 'D'],
    ['Djamshid', 'Жам'],
    ['Семён', 'семен'],
    ['Семён', 'Semy'],
    ['Semyon', 'Семён'],
    ['Семен', 'Семён'],
    ['Ёқуб', 'Y'],
    ['Ёқуб', 'Yoq'],
    ['Абдулла-Азиз', 'azi'],
    ['de la Cruz', 'cr'],
    ["O'tkir", 'ў'],
    ['Синицын', 'Sinitsin'],
    ['Синицын', 'Sinitsyn'],
    ['Sinitsin', 'Синицын'],
    ['Κωνσταντίνος', 'Κωνσ'],
  ])('of %s let %s find it', (name, query) => {
    expect(finds(query, beginningTerms(name))).toBe(true);
  });

  it.each([
    ['Olim', 'lim'],
    ['Olim', 'Olima'],
    ['Anna-Maria', 'nna'],
  ])('of %s do not let %s find it', (name, query) => {
    expect(finds(query, beginningTerms(name))).toBe(false);
  });

  it('let each of its beginnings find it, whatever they are', () => {
    const names = fc.string({ unit: fc.constantFrom(...Array.from('kzhdyeaouшхжёяўц')), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(names, fc.nat(), (name, at) => {
        const beginning = name.slice(0, 1 + (at % name.length));
        return plainWords(beginning).length === 0 || finds(beginning, beginningTerms(name));
      }),
    );
  });
});

describe('the terms of a phone number', () => {
  it.each([
    '901',
    '90123',
    '901234567',
    '567',
    '4567',
    '34567',
    '998',
    '+998901234567',
    '998901234567',
    '+998 90 123',
    '+998 (90) 123-45-67',
    '90 123 45 67',
    '0901234567',
    '00998901234567',
    '123 45 67',
  ])('let %s find +998901234567', (query) => {
    expect(finds(query, phoneTerms('+998901234567'))).toBe(true);
  });

  it.each(['\u202A+998 90 123\u201145\u201167\u202C', '+998\u221290\u2013123', 'tel:+998901234567'])(
    'let %j, as it is copied from elsewhere, find it',
    (query) => expect(finds(query, [...phoneTerms('+998901234567'), 'tel'])).toBe(true),
  );

  it.each(['12', '123', '0123456', '9012345678', '+998 91', '4568'])('do not let %s find it', (query) => {
    expect(finds(query, phoneTerms('+998901234567'))).toBe(false);
  });

  it('know the trunk prefixes of other countries', () => {
    expect(finds('8 916 123-45-01', phoneTerms('+79161234501'))).toBe(true);
    expect(finds('020 7946 0123', phoneTerms('+442079460123'))).toBe(true);
  });
});

describe('the terms of an e-mail address', () => {
  const terms = addressTerms('Olim.Karimov@example.org');

  it.each(['olim', 'karim', 'example', 'olim.karimov', 'olim.karimov@', 'olim.karimov@ex', 'OLIM.KARIMOV@EXAMPLE.ORG'])(
    'let %s find it',
    (query) => expect(finds(query, terms)).toBe(true),
  );

  it.each(['olim@example.org', 'karimov@example.org', 'olim.karimov@example.com', 'olim.karimov@example.orgs', 'exam'])(
    'do not let %s find it',
    (query) => expect(finds(query, terms)).toBe(false),
  );

  it('of c10 do not let c1 find it', () => {
    expect(finds('c1@example.org', addressTerms('c10@example.org'))).toBe(false);
    expect(finds('c1@example.org', addressTerms('c1@example.org'))).toBe(true);
  });
});

describe('the terms of a document’s number', () => {
  it.each(['AA1234567', 'aa 1234567', 'AA-1234567', 'aa123', '1234'])('let %s find AA1234567', (query) => {
    expect(finds(query, documentTerms('AA1234567'))).toBe(true);
  });

  it.each(['AA1234567', 'aa12', '123'])('let %s find AA 1234567', (query) => {
    expect(finds(query, documentTerms('AA 1234567'))).toBe(true);
  });
});

describe('the terms of a text', () => {
  const terms = wordTerms('Қўнғироқ қилинг: ертага соат 10:30, olim@example.org.');

  it.each(["qo'ng'iroq", 'ertaga qiling', '10 30', '10:30', 'olim@example.org', 'Olim'])('let %s find it', (query) => {
    expect(finds(query, terms)).toBe(true);
  });

  it.each(['olim@example.org', 'aziz@example.com', '"Aziz" <aziz@example.com>', 'mailto:olim@example.org'])(
    'let %s find it, whatever stands between its addresses',
    (query) => expect(finds(query, wordTerms('Aziz: mailto:olim@example.org,aziz@example.com;'))).toBe(true),
  );

  it.each(['qo‘ng‘iro', 'ertaga indin', 'lim@example.org'])('do not let %s find it', (query) => {
    expect(finds(query, terms)).toBe(false);
  });
});

it.each(['d', 'y', '!'])('a row of %s takes no longer than any other text', (letter) => {
  const start = performance.now();
  wordTerms(`a${letter.repeat(50_000)}a`);
  expect(performance.now() - start).toBeLessThan(1_000);
});

describe('a query', () => {
  const refusal = (query: string): unknown => {
    try {
      return parseSearch(query);
    } catch (error) {
      return error;
    }
  };

  it('takes eight words, and a phone number for one', () => {
    expect(parseSearch('a b c d e f g h')).toHaveLength(8);
    expect(parseSearch('a b c d e f g +998 90 123 45 67')).toHaveLength(12);
    expect(refusal('a b c d e f g h i')).toMatchObject({ code: 'search.limit' });
  });

  it.each(['!', '— …', '👍', "''"])('of %s alone is refused', (query) => {
    expect(refusal(query)).toMatchObject({ code: 'search.empty' });
  });

  it('asks for numbers in a row apart or in one piece, and for each word once', () => {
    expect(parseSearch('12 345')).toEqual([
      ['12', '12345'],
      ['345', '12345'],
    ]);
    expect(parseSearch('Olim olim ОЛИМ')).toEqual([['olim']]);
  });
});

describe('the keys of terms', () => {
  it('lead from an address to its words', () => {
    const keys = keysOfTerms(new Set(addressTerms('olim.karimov@example.org')));
    expect(keys.some((key) => key.includes('@'))).toBe(false);
    expect(keysToLookUp(['olim.karimov@exa'])).toEqual(['karimov']);
    expect(keys).toContain('karimov');
    expect(keysToLookUp(['semyon', 'semen'])).toEqual(['semyon', 'semen']);
  });

  it('are their first twenty letters, none cut in two, each once', () => {
    expect(keysOfTerms(new Set(['𝔘'.repeat(25), '𝔘'.repeat(22), 'olim']))).toEqual(['𝔘'.repeat(20), 'olim']);
  });

  it('are as many as an item has room for', () => {
    const terms = Array.from({ length: 60_000 }, (_, index) => `term${index}`);
    const keys = keysOfTerms(new Set(terms));
    expect(keys.length).toBeGreaterThan(4_000);
    expect(Buffer.byteLength(JSON.stringify(keys))).toBeLessThan(190_000);
    expect(keys).toEqual(terms.slice(0, keys.length));
  });
});
