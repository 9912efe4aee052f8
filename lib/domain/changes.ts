import { isDeepStrictEqual } from 'node:util';

/** The fields of `before` that differ in `after`, with the values they had. */
export const changedFields = <T extends object>(before: T, after: T): Record<string, unknown> => {
  const now = new Map<string, unknown>(Object.entries(after));
  return Object.fromEntries(
    Object.entries(before).filter(([field, value]) => !isDeepStrictEqual(value, now.get(field))),
  );
};
