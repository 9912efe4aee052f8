/** Form fields as `twilio` validates them: a field that came several times is a list. */
type FormFields = Record<string, string | string[]>;

/** Reads a form-encoded body. Twilio adds fields without notice, so every one is kept for the signature. */
export const parseForm = (body: string): FormFields => {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = [...form.getAll(name)];
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
};

/** The first value of every field. */
export const firstValues = (fields: FormFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : (value[0] ?? '')]),
  );
