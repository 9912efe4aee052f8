import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SettingsInputSchema, SettingsSchema } from '../contract/settings.ts';
import { JobIdSchema, type TenantId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { cached } from './cache.ts';
import { get } from './client.ts';
import { dueShard, settingsKey } from './keys.ts';
import { announce } from './outbox.ts';
import { commit, put, type Step } from './transaction.ts';

const CACHE_SECONDS = 10;

const SettingsRecordSchema = SettingsSchema.extend({
  /** When what is older than is kept is removed next; `null`: never. */
  dueAt: z.string().nullable().default(null),
  /** Which job was begun last to remove it. */
  jobId: JobIdSchema.nullable().default(null),
  revision: z.int(),
});
export type SettingsRecord = z.infer<typeof SettingsRecordSchema>;

/** A tenant needs no creating: until it sets something, this holds. */
const defaults: SettingsRecord = {
  ...SettingsInputSchema.parse({}),
  version: 1,
  dueAt: null,
  jobId: null,
  revision: 0,
};

const settingsItem = (tenant: TenantId, settings: SettingsRecord) => ({
  ...settingsKey(tenant),
  ...settings,
  ...(settings.dueAt !== null && {
    gsi4pk: dueShard(createHash('sha256').update(tenant).digest('hex')),
    gsi4sk: `${settings.dueAt}#${tenant}`,
  }),
});

/** What has this tenant set? One read. */
export const getSettings = async (tenant: TenantId): Promise<SettingsRecord> => {
  const { Item } = await get(tenant, { Key: settingsKey(tenant), ConsistentRead: true });
  return Item === undefined ? defaults : SettingsRecordSchema.parse(Item);
};

const cache = cached(CACHE_SECONDS, getSettings);

/** The settings, up to 10 seconds old. */
export const knownSettings = (tenant: TenantId): Promise<SettingsRecord> => cache.get(tenant);

const asRead = ({ revision }: SettingsRecord) => ({
  expression: 'attribute_not_exists(pk) OR #revision = :revision',
  names: { '#revision': 'revision' },
  values: { ':revision': revision },
});

/** One transaction. @throws Raced */
export const saveSettings = async (
  tenant: TenantId,
  before: SettingsRecord,
  after: SettingsRecord,
  event: DomainEvent,
): Promise<void> => {
  await commit(tenant, [put(settingsItem(tenant, after), asRead(before)), announce(event)]);
  cache.forget(tenant);
};

/** What had to be done by now is begun, unless it still goes on, and is due again then. One transaction. @throws Raced */
export const putOff = (
  tenant: TenantId,
  before: SettingsRecord,
  after: Pick<SettingsRecord, 'dueAt' | 'jobId'>,
  begun: readonly Step[],
): Promise<void> =>
  commit(tenant, [
    put(settingsItem(tenant, { ...before, ...after, revision: before.revision + 1 }), asRead(before)),
    ...begun,
  ]);
