import { newAct, buildClient } from '../../test/support/builders.ts';
import { tagClient, untagClient } from './client-tags.ts';
import { distinctTags, withoutTags, withTags } from './tag.ts';

const many = Array.from({ length: 50 }, (_, index) => `tag ${index}`);

describe('tags', () => {
  it('are there once, as they were first written', () => {
    expect(distinctTags(['VIP', 'new', 'vip', 'NEW', 'ВИП', 'вип'])).toEqual(['VIP', 'new', 'ВИП']);
    expect(withTags(['VIP'], ['vip', 'Second', 'second'])).toEqual(['VIP', 'Second']);
    expect(withoutTags(['VIP', 'new'], ['vip', 'other'])).toEqual(['new']);
  });

  it('are 50 at most', () => {
    expect(distinctTags([...many, 'TAG 7'])).toEqual(many);
    expect(() => withTags(many, ['one more'])).toThrow('at most 50');
    expect(withTags(many, ['TAG 0'])).toEqual(many);
  });

  it('that change nothing leave the client as it is; others do not change its version', () => {
    const act = newAct();
    const client = buildClient(act, { tags: ['VIP'] });
    expect(tagClient(act, client, ['vip'])).toBeUndefined();
    expect(untagClient(act, client, ['new'])).toBeUndefined();
    expect(tagClient(act, client, ['new'])).toMatchObject({ tags: ['VIP', 'new'], version: 1, revision: 2 });
    expect(untagClient(act, client, ['vip'])).toMatchObject({ tags: [], version: 1, revision: 2 });
  });
});
