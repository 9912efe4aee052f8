import * as z from 'zod';
import { SettingsInputSchema, SettingsSchema } from '../contract/settings.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { cached } from './cache.ts';
import { get } from './client.ts';
import { settingsKey } from './keys.ts';
import { announce } from './outbox.ts';
import { commit, put } from './transaction.ts';

const CACHE_SECONDS = 10;

const SettingsRecordSchema = SettingsSchema.extend({ revision: z.int() });
export type SettingsRecord = z.infer<typeof SettingsRecordSchema>;

/** A tenant needs no creating: until it sets something, this holds. */
const defaults: SettingsRecord = { ...SettingsInputSchema.parse({}), version: 1, revision: 0 };

/** What has this tenant set? One read. */
export const getSettings = async (tenant: TenantId): Promise<SettingsRecord> => {
  const { Item } = await get(tenant, { Key: settingsKey(tenant), ConsistentRead: true });
  return Item === undefined ? defaults : SettingsRecordSchema.parse(Item);
};

const cache = cached(CACHE_SECONDS, getSettings);

/** The settings, up to 10 seconds old. */
export const knownSettings = (tenant: TenantId): Promise<SettingsRecord> => cache.get(tenant);

/** One transaction. @throws Raced */
export const saveSettings = async (
  tenant: TenantId,
  before: SettingsRecord,
  after: SettingsRecord,
  event: DomainEvent,
): Promise<void> => {
  await commit(tenant, [
    put(
      { ...settingsKey(tenant), ...after },
      {
        expression: 'attribute_not_exists(pk) OR #revision = :revision',
        names: { '#revision': 'revision' },
        values: { ':revision': before.revision },
      },
    ),
    announce(event),
  ]);
  cache.forget(tenant);
};
