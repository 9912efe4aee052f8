import * as z from 'zod';
import type { AuditEntry } from '../contract/audit.ts';
import type { TenantId } from '../contract/vocabulary.ts';

/** Where an entry stands in the log. It holds the time, so that entries sort by it. */
export const positionOf = ({ occurredAt, id }: Pick<AuditEntry, 'occurredAt' | 'id'>): string => `${occurredAt}#${id}`;

/** An entry as a seal knows it. */
const SealedEntrySchema = z.object({ position: z.string(), hash: z.string() });
export type SealedEntry = z.infer<typeof SealedEntrySchema>;

/** A seal as it is stored: which entries there were, in which form, after which seal. */
export const SealSchema = z.object({
  /** From 1, without gaps. */
  number: z.int().min(1),
  sealedAt: z.string(),
  /** Since when every entry of this tenant is sealed. */
  since: z.string(),
  /** For how many days entries were kept at that time; `null`: for ever. */
  keptDays: z.int().nullable(),
  /** Hash of the seal before; `null` for the first. */
  previous: z.string().nullable(),
  /** In order of their positions. */
  entries: z.array(SealedEntrySchema),
  count: z.int(),
  /** Over all entries. */
  digest: z.string(),
  /** Over all of the above; the next seal names it. */
  hash: z.string(),
  signature: z.string(),
});
export type Seal = z.infer<typeof SealSchema>;
export type UnsignedSeal = Omit<Seal, 'signature'>;

export type Hash = (text: string) => string;

/** The same entry gives the same text, however its item is stored. */
const canonicalEntry = ({ id, type, occurredAt, actor, subject, correlationId, changed }: AuditEntry): string =>
  JSON.stringify([id, type, occurredAt, actor.type, actor.id, subject.type, subject.id, correlationId, changed]);

export const hashOfEntry = (entry: AuditEntry, hash: Hash): string => hash(canonicalEntry(entry));

const inOrder = (entries: readonly SealedEntry[]): SealedEntry[] =>
  entries.toSorted((one, other) => (one.position < other.position ? -1 : 1));

type Content = Omit<UnsignedSeal, 'digest' | 'hash'>;

export const digestOf = (entries: readonly SealedEntry[], hash: Hash): string =>
  hash(entries.map((entry) => `${entry.position} ${entry.hash}\n`).join(''));

export const hashOfSeal = (tenant: TenantId, seal: Content & Pick<Seal, 'digest'>, hash: Hash): string => {
  const { number, sealedAt, since, keptDays, previous, count, digest } = seal;
  return hash(JSON.stringify(['audit-seal', 1, tenant, number, sealedAt, since, keptDays, previous, count, digest]));
};

type Beginning = Pick<Seal, 'number' | 'sealedAt' | 'since' | 'keptDays' | 'previous' | 'entries'>;

/** A seal over these entries, still to be signed. */
export const newSeal = (tenant: TenantId, beginning: Beginning, hash: Hash): UnsignedSeal => {
  const entries = inOrder(beginning.entries);
  const content = { ...beginning, entries, count: entries.length, digest: digestOf(entries, hash) };
  return { ...content, hash: hashOfSeal(tenant, content, hash) };
};

const HOUR_MS = 3_600_000;

/** The beginning of this hour. */
export const hourOf = (now: Date): string => new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS).toISOString();

/** Whoever began to write in an hour is done so many seconds after it: no function lives longer. */
const GRACE_SECONDS = 300;
/** Tenants are sealed one after the other, not all at once. */
const SPREAD_SECONDS = 600;

/** When this hour can be sealed. @param spread any number that is the tenant's own */
export const sealableAt = (hour: string, spread: number): string =>
  new Date(Date.parse(hour) + HOUR_MS + (GRACE_SECONDS + (spread % SPREAD_SECONDS)) * 1000).toISOString();
