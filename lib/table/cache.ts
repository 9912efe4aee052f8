/** A container that serves very many tenants starts over rather than grow. */
const MOST = 5_000;

interface Cache<Key, Value> {
  readonly get: (key: Key) => Promise<Value>;
  readonly forget: (key: Key) => void;
  /** Takes a value that was just read or written, as if it had been loaded. */
  readonly keep: (key: Key, value: NonNullable<Value>) => void;
}

interface Entry<Value> {
  readonly value: Value;
  /** Since when it is remembered: milliseconds since 1970. */
  readonly since: number;
}

/**
 * Remembers what `load` answered for some seconds. When loading fails, what is remembered is still given, however old: a
 * webhook can be verified while the table is away. `undefined` is never remembered.
 *
 * @param most no longer than so many seconds, whatever fails
 */
export const cached = <Key extends string, Value>(
  seconds: number,
  load: (key: Key) => Promise<Value>,
  most = Infinity,
): Cache<Key, Value> => {
  const entries = new Map<Key, Entry<Value>>();
  const keep = (key: Key, value: Value, since: number): void => {
    if (entries.size >= MOST) entries.clear();
    entries.set(key, { value, since });
  };
  const isWithin = (limit: number, { since }: Entry<Value>): boolean => Date.now() < since + limit * 1000;
  return {
    get: async (key) => {
      const entry = entries.get(key);
      if (entry !== undefined && isWithin(seconds, entry)) return entry.value;
      const asked = Date.now();
      try {
        const value = await load(key);
        if (value === undefined) entries.delete(key);
        else keep(key, value, asked);
        return value;
      } catch (error) {
        if (entry !== undefined && isWithin(most, entry)) return entry.value;
        throw error;
      }
    },
    forget: (key) => {
      entries.delete(key);
    },
    keep: (key, value) => {
      keep(key, value, Date.now());
    },
  };
};
