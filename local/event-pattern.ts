/**
 * Matches events as EventBridge and Lambda's event filters do, as far as the definitions need it: exact values,
 * prefix, suffix, anything-but, exists, equals-ignore-case; nested objects; lists match by any element.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type Pattern = Readonly<Record<string, unknown>>;

type Test = (value: unknown, present: boolean) => boolean;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const equals = (value: unknown, wanted: unknown): boolean => value === wanted;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const anythingBut = (wanted: unknown): Test => {
  if (isRecord(wanted)) {
    const excluded = matcher(wanted);
    return (value, present) => present && !excluded(value, present);
  }
  const excluded: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return (value, present) => present && !excluded.some((each) => equals(value, each));
};

/** @throws Error for an operator that is not known, rather than a rule that never matches */
const matcher = (condition: unknown): Test => {
  if (!isRecord(condition)) return (value, present) => present && equals(value, condition);
  const [operator, operand] = Object.entries(condition)[0] ?? ['', undefined];
  switch (operator) {
    case 'prefix':
      return (value) => text(value)?.startsWith(String(operand)) ?? false;
    case 'suffix':
      return (value) => text(value)?.endsWith(String(operand)) ?? false;
    case 'equals-ignore-case':
      return (value) => text(value)?.toLowerCase() === String(operand).toLowerCase();
    case 'exists':
      return (_, present) => present === operand;
    case 'anything-but':
      return anythingBut(operand);
    default:
      throw new Error(`The event pattern operator ${JSON.stringify(operator)} is not known on one machine`);
  }
};

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const matchesField = (conditions: readonly unknown[], value: unknown): boolean => {
  const values = asList(value);
  return conditions.map(matcher).some((test) => values.some((each) => test(each, each !== undefined)));
};

/** Does the event match every field of the pattern? */
export const matches = (pattern: Pattern, event: unknown): boolean =>
  Object.entries(pattern).every(([field, condition]) => {
    const value = isRecord(event) ? event[field] : undefined;
    if (Array.isArray(condition)) return matchesField(condition, value);
    if (isRecord(condition)) return asList(value).some((each) => matches(condition, each));
    throw new Error(`The event pattern's ${field} must hold a list or an object`);
  });
