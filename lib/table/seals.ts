import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { hourOf, sealableAt, SealSchema, type Seal, type SealedEntry } from '../domain/seal.ts';
import { get, query } from './client.ts';
import { dueShard } from './keys.ts';
import { SEAL, sealHeadKey, sealKey, seals, unsealedEntries, unsealedKey } from './team-keys.ts';
import { absent, commit, put, remove, update, type Step } from './transaction.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const SealHeadSchema = z.object({
  /** The last seal; 0 and `null` before the first. */
  number: z.int(),
  hash: z.string().nullable().default(null),
  /** The last hour in which somebody wrote entries. */
  touched: z.string(),
  since: z.string(),
  dueAt: z.string().nullable().default(null),
});
export type SealHead = z.infer<typeof SealHeadSchema>;

/** How far is this tenant's log sealed? One read. */
export const findSealHead = async (tenant: TenantId): Promise<SealHead | undefined> => {
  const { Item } = await get(tenant, { Key: sealHeadKey(tenant), ConsistentRead: true });
  return Item === undefined ? undefined : SealHeadSchema.parse(Item);
};

const digits = (tenant: TenantId): string => createHash('sha256').update(tenant).digest('hex');

/** When the hour of `touched` can be sealed. */
export const nextSealing = (tenant: TenantId, touched: string): string =>
  sealableAt(touched, Number.parseInt(digits(tenant).slice(0, 8), 16));

const dueKeys = (tenant: TenantId, dueAt: string) => ({
  gsi4pk: dueShard(digits(tenant)),
  gsi4sk: `${dueAt}#${tenant}`,
});

class TouchedBefore extends Error {
  override name = 'TouchedBefore';
}

const KEPT = 1_000;
const touchedHours = new Map<TenantId, string>();

/**
 * Sees to it that what is written from now on will be sealed: to be done before it is written. One transaction for each
 * tenant and hour of a container.
 */
export const touchSeals = async (tenant: TenantId, now: Date): Promise<void> => {
  const hour = hourOf(now);
  if ((touchedHours.get(tenant) ?? '') >= hour) return;
  const dueAt = nextSealing(tenant, hour);
  const { gsi4pk, gsi4sk } = dueKeys(tenant, dueAt);
  const touch = update(
    sealHeadKey(tenant),
    {
      expression:
        'SET #touched = :hour, #number = if_not_exists(#number, :none), #since = if_not_exists(#since, :now), #dueAt = if_not_exists(#dueAt, :dueAt), gsi4pk = if_not_exists(gsi4pk, :gsi4pk), #gsi4sk = if_not_exists(#gsi4sk, :gsi4sk)',
      names: {
        '#touched': 'touched',
        '#number': 'number',
        '#since': 'since',
        '#dueAt': 'dueAt',
        '#gsi4sk': 'gsi4sk',
      },
      values: {
        ':hour': hour,
        ':none': 0,
        ':now': now.toISOString(),
        ':dueAt': dueAt,
        ':gsi4pk': gsi4pk,
        ':gsi4sk': gsi4sk,
      },
      condition: 'attribute_not_exists(#touched) OR #touched < :hour',
    },
    () => new TouchedBefore('Somebody else was here this hour.'),
  );
  await commit(tenant, [touch]).catch((error: unknown) => {
    if (!(error instanceof TouchedBefore)) throw error;
  });
  if (touchedHours.size >= KEPT) touchedHours.clear();
  touchedHours.set(tenant, hour);
};

const UnsealedSchema = z
  .object({ sk: z.string(), hash: z.string() })
  .transform(({ sk, hash }): SealedEntry => ({ position: sk, hash }));

/** Says that an entry is in no seal yet. */
export const markUnsealed = (tenant: TenantId, { position, hash }: SealedEntry): Step =>
  put({ ...unsealedKey(tenant, position), hash });

/** Which entries up to a position are in no seal yet, oldest first, after one? One query, a page of items. */
export const listUnsealed = async (
  tenant: TenantId,
  before: string,
  limit: number,
  after = '',
): Promise<SealedEntry[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :before',
    // A space sorts before every character of a position, so that what stands at `after` itself is not found again.
    ExpressionAttributeValues: {
      ':pk': unsealedEntries(tenant),
      ':after': after === '' ? '0' : `${after} `,
      ':before': before,
    },
    Limit: limit,
    ConsistentRead: true,
  });
  return Items.map((item) => UnsealedSchema.parse(item));
};

/** Is this entry in no seal yet? One read. */
export const isUnsealed = async (tenant: TenantId, position: string): Promise<boolean> =>
  (await get(tenant, { Key: unsealedKey(tenant, position), ConsistentRead: true })).Item !== undefined;

const whereStill = { expression: 'attribute_exists(pk)' };

/** Adds a seal: each of its entries is in no other. One transaction. @throws Raced when somebody else has added one */
export const addSeal = (tenant: TenantId, seal: Seal): Promise<void> =>
  commit(tenant, [
    put({ ...sealKey(tenant, seal.number), ...seal }, absent),
    update(sealHeadKey(tenant), {
      expression: 'SET #number = :number, #hash = :hash',
      names: { '#number': 'number', '#hash': 'hash' },
      values: { ':number': seal.number, ':hash': seal.hash, ':before': seal.number - 1 },
      condition: '#number = :before',
    }),
    ...seal.entries.map(({ position }) => remove(unsealedKey(tenant, position), whereStill)),
  ]);

/** Nothing is left to be sealed: the next look is after the hour that somebody writes in, if anybody does. @throws Raced */
export const restSeals = (tenant: TenantId, { touched }: SealHead, dueAt: string | null): Promise<void> => {
  const names = { '#touched': 'touched', '#dueAt': 'dueAt', '#gsi4sk': 'gsi4sk' };
  const condition = '#touched = :touched';
  if (dueAt === null) {
    const expression = 'REMOVE #dueAt, gsi4pk, #gsi4sk';
    return commit(tenant, [
      update(sealHeadKey(tenant), { expression, names, values: { ':touched': touched }, condition }),
    ]);
  }
  const { gsi4sk } = dueKeys(tenant, dueAt);
  const expression = 'SET #dueAt = :dueAt, #gsi4sk = :gsi4sk';
  const values = { ':touched': touched, ':dueAt': dueAt, ':gsi4sk': gsi4sk };
  return commit(tenant, [update(sealHeadKey(tenant), { expression, names, values, condition })]);
};

/** A seal as it is stored, or what stands there and is none. */
export interface StoredSeal {
  readonly number: number;
  readonly seal: Seal | undefined;
}

/** Which seals are there, oldest first, after this one? One query, a page of items. */
export const listSeals = async (tenant: TenantId, after: number, limit: number): Promise<StoredSeal[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :end',
    ExpressionAttributeValues: {
      ':pk': seals(tenant),
      ':after': sealKey(tenant, after + 1).sk,
      ':end': `${SEAL}~`,
    },
    Limit: limit,
    ConsistentRead: true,
  });
  return Items.map((item) => ({
    number: Number(z.string().parse(item.sk).slice(SEAL.length)),
    seal: SealSchema.safeParse(item).data,
  }));
};

/** Whose seals, or unsealed entries, stand there? */
export const sealedTenantOf = (pk: string): TenantId | undefined => {
  const [, tenant, kind] = pk.split('#');
  return kind === 'AUDIT' || kind === 'SEALS' || kind === 'UNSEALED'
    ? TenantIdSchema.safeParse(tenant).data
    : undefined;
};
