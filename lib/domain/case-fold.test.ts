import fc from 'fast-check';
import { foldCase } from './case-fold.ts';

describe('folding case', () => {
  it.each([
    ['VIP', 'vip'],
    ['Оптовик', 'оптовик'],
    ['STRASSE', 'straße'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['e\u0301', 'É'],
  ])('makes %s and %s the same', (one, other) => {
    expect(foldCase(one)).toBe(foldCase(other));
  });

  it.each([
    ['café', 'cafe'],
    ['oʻlchov', 'olchov'],
    ['vip', 'v.i.p'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(foldCase(one)).not.toBe(foldCase(other));
  });

  it('of a beginning is the beginning of the folded', () => {
    expect(foldCase('Κωνσταντίνος').startsWith(foldCase('Κωνσ'))).toBe(true);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldCase(foldCase(text))).toBe(foldCase(text));
      }),
    );
  });
});
