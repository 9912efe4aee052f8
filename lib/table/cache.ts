/** A container that serves very many tenants starts over rather than grow. */
const MOST = 5_000;

interface Cache<Key, Value> {
  readonly get: (key: Key) => Promise<Value>;
  readonly forget: (key: Key) => void;
  /** Takes a value that was just read or written, as if it had been loaded. */
  readonly keep: (key: Key, value: NonNullable<Value>) => void;
}

/**
 * Remembers what `load` answered for some seconds. When loading fails, what is remembered is still given, however old:
 * a webhook can be verified while the table is away. `undefined` is never remembered.
 */
export const cached = <Key extends string, Value>(
  seconds: number,
  load: (key: Key) => Promise<Value>,
): Cache<Key, Value> => {
  const entries = new Map<Key, { readonly value: Value; readonly until: number }>();
  const keep = (key: Key, entry: { readonly value: Value; readonly until: number }): void => {
    if (entries.size >= MOST) entries.clear();
    entries.set(key, entry);
  };
  return {
    get: async (key) => {
      const entry = entries.get(key);
      if (entry !== undefined && entry.until > Date.now()) return entry.value;
      try {
        const value = await load(key);
        if (value === undefined) entries.delete(key);
        else keep(key, { value, until: Date.now() + seconds * 1000 });
        return value;
      } catch (error) {
        if (entry !== undefined) return entry.value;
        throw error;
      }
    },
    forget: (key) => {
      entries.delete(key);
    },
    keep: (key, value) => {
      keep(key, { value, until: Date.now() + seconds * 1000 });
    },
  };
};
