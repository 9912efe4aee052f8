import * as fc from 'fast-check';
import { newAct } from '../../test/support/builders.ts';
import { isFoundBy, newTemplate, replaceTemplate, searchedText } from './template.ts';

const act = newAct();
const finds = (query: string, template: string): boolean =>
  isFoundBy(query)({ template, folded: searchedText({ template }) });

describe('a template', () => {
  it('is found by each of its own words, in any case', () => {
    const words = fc.array(fc.stringMatching(/^[A-Za-z]{1,8}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.nat(), (all, index) => {
        const word = all[index % all.length] ?? '';
        expect(finds(word.toUpperCase(), all.join(' '))).toBe(true);
        expect(finds(word.toLowerCase(), all.join('\n'))).toBe(true);
      }),
    );
  });

  it.each([
    ['cafe', 'Café', true],
    ['CAFÉ open', 'The cafe is open', true],
    ['cafe closed', 'The cafe is open', false],
    ['oʻzbek', "O'zbek", true],
    ['еще', 'Мы ещё открыты', true],
    ['ещё', 'Мы еще открыты', true],
    ['k', 'Khan', true],
    ['han', 'Khan', true],
    ['Хан', 'Khan', true],
    ['😀', 'Salom 😀', true],
    ['😀', 'Salom', false],
    ['?!', 'Anything', false],
  ])('that is looked for by %p and says %p: %s', (query, template, found) => {
    expect(finds(query, template)).toBe(found);
  });

  it('counts its changes', () => {
    const template = newTemplate(act, { template: 'Salom' });
    const changed = replaceTemplate(act, template, { template: 'Hello' });
    expect(changed).toMatchObject({ id: template.id, template: 'Hello', version: 2 });
  });
});
