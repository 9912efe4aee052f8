import { foldCase } from './case-fold.ts';
import { Failure } from './failure.ts';

const MAX_TAGS = 50;

const isIn = (tags: readonly string[]) => {
  const folded = new Set(tags.map(foldCase));
  return (tag: string): boolean => folded.has(foldCase(tag));
};

/** Each once, as it is first written. @throws Failure `tag.limit` */
export const distinctTags = (tags: readonly string[]): string[] => {
  const first = new Map<string, string>();
  for (const tag of tags) if (!first.has(foldCase(tag))) first.set(foldCase(tag), tag);
  if (first.size > MAX_TAGS) throw new Failure('tag.limit', `A client has at most ${MAX_TAGS} tags.`);
  return [...first.values()];
};

/** A tag that is there already stays as it is written. @throws Failure `tag.limit` */
export const withTags = (tags: readonly string[], more: readonly string[]): string[] =>
  distinctTags([...tags, ...more]);

export const withoutTags = (tags: readonly string[], fewer: readonly string[]): string[] => {
  const leaves = isIn(fewer);
  return tags.filter((tag) => !leaves(tag));
};
