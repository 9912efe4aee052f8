import * as z from 'zod';

const MASK = '•••';

/** Under these names stand secrets, whatever they are. */
const SECRET_NAMES = /token|secret|password|passwd|authorization|credential|signature|api-?key|cookie|private-?key/i;

/** What is a secret wherever it stands: a bot's token, a bearer token, a JSON Web Token, a password in an address. */
const SECRETS: readonly RegExp[] = [
  /(?<!\d)\d{6,}:[\w-]{30,}/g,
  /\bBearer\s+[\w.~+/-]+=*/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /(?<=:\/\/[^/\s:@]*:)[^@\s/]+(?=@)/g,
];

/** What tells nothing of a person: ids, instants, short words of our own. */
const HARMLESS = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|)$/i;
/** Values under these names are words of ours or of a protocol. */
const HARMLESS_NAMES =
  /^(?:type|detail-type|source|kind|state|status|provider|transport|method|direction|version|event|eventName|tenantId|tenant_id|MessageStatus|SmsStatus|content-type)$/;
/** Longer numbers may be somebody's. */
const LONGEST_NUMBER = 99_999;

export interface Masking {
  /** Whether what is private is left out too: texts, names, addresses. */
  readonly private: boolean;
  /** Whether nothing is left of what is told by events of this type, or about subjects of this type. */
  readonly isWithheld?: (type: string) => boolean;
}

/** An event, also as the table's stream writes it. */
const EventSchema = z.union([
  z.object({ type: z.string().optional().catch(undefined), subject: z.object({ type: z.string() }) }),
  z
    .object({
      type: z.object({ S: z.string() }).optional().catch(undefined),
      subject: z.object({ M: z.object({ type: z.object({ S: z.string() }) }) }),
    })
    .transform(({ type, subject }) => ({ type: type?.S, subject: { type: subject.M.type.S } })),
]);

/** What an event tells, beside what it is about. */
const TOLD: readonly string[] = ['data', 'previous'];

/** Which names of an object are withheld, whatever stands there. */
const withheldIn = (value: object, { isWithheld = () => false }: Masking): readonly string[] => {
  const event = EventSchema.safeParse(value);
  if (!event.success) return [];
  const { type, subject } = event.data;
  return isWithheld(subject.type) || (type !== undefined && isWithheld(type)) ? TOLD : [];
};

const withoutSecrets = (text: string): string => SECRETS.reduce((left, secret) => left.replaceAll(secret, MASK), text);

const maskText = (name: string, text: string, masking: Masking): string => {
  if (SECRET_NAMES.test(name)) return MASK;
  if (!masking.private || HARMLESS.test(text) || HARMLESS_NAMES.test(name))
    return withoutSecrets(maskInside(text, masking));
  return MASK;
};

const parsed = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/** JSON within JSON. */
const maskInside = (text: string, masking: Masking): string => {
  if (!/^\s*[[{]/.test(text)) return text;
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(maskValue('', value, masking));
};

const maskValue = (name: string, value: unknown, masking: Masking): unknown => {
  if (SECRET_NAMES.test(name) && value !== null) return MASK;
  if (typeof value === 'string') {
    if (/^\s*[[{]/.test(value) && parsed(value) !== undefined) return maskInside(value, masking);
    return maskText(name, value, masking);
  }
  if (typeof value === 'number') return masking.private && Math.abs(value) > LONGEST_NUMBER ? MASK : value;
  if (Array.isArray(value)) return value.map((each: unknown) => maskValue(name, each, masking));
  if (typeof value !== 'object' || value === null) return value;
  const withheld = withheldIn(value, masking);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withheld.includes(key) ? MASK : maskValue(key, inner, masking)]),
  );
};

const isForm = (text: string): boolean => /^[\w.%-]+=[^\s=]*(?:&[\w.%-]+=[^\s=]*)*$/.test(text);

/**
 * A payload of any form without secrets and, where that is asked for, without what is private. Its form stays, as far as it
 * has one: of what is neither JSON nor a form nothing private can be told apart, so nothing is left of it.
 */
export const maskPayload = (payload: string, masking: Masking): string => {
  const value = parsed(payload);
  if (value !== undefined) return JSON.stringify(maskValue('', value, masking));
  if (isForm(payload)) {
    const fields = [...new URLSearchParams(payload)].map(([name, text]) => [name, maskText(name, text, masking)]);
    return fields.map(([name = '', text = '']) => `${name}=${text}`).join('&');
  }
  return masking.private ? MASK : withoutSecrets(payload);
};
