import { newAct } from '../../test/support/builders.ts';
import { settingsEvent } from '../domain/occurrence.ts';
import { getSettings, knownSettings, saveSettings, type SettingsRecord } from './settings.ts';
import { Raced } from './transaction.ts';

const act = newAct();

const save = (before: SettingsRecord, defaultCountry: string): Promise<void> => {
  const after = { ...before, defaultCountry, version: before.version + 1, revision: before.revision + 1 };
  return saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
};

describe('a tenant’s settings', () => {
  it('are there before anything was set, and known at once where they are saved', async () => {
    const before = await knownSettings(act.tenant);
    expect(before).toMatchObject({ defaultCountry: null, timeZone: 'UTC', version: 1, revision: 0 });
    await save(before, 'UZ');
    expect(await knownSettings(act.tenant)).toEqual({ ...before, defaultCountry: 'UZ', version: 2, revision: 1 });
    expect(await getSettings(newAct().tenant)).toEqual(before);
  });

  it('are never written over by somebody who read them earlier', async () => {
    const before = await getSettings(act.tenant);
    await save(before, 'HR');
    await expect(save(before, 'DE')).rejects.toThrow(Raced);
    expect(await getSettings(act.tenant)).toMatchObject({ defaultCountry: 'HR' });
  });

  it('saved twice at once by people who read nothing yet: one wins', async () => {
    const { tenant } = newAct();
    const before = await getSettings(tenant);
    const one = (country: string) => {
      const after = { ...before, defaultCountry: country, version: 2, revision: 1 };
      return saveSettings(tenant, before, after, settingsEvent(newAct({ tenant }), 'SettingsUpdated', after, before));
    };
    const outcomes = await Promise.allSettled([one('UZ'), one('HR')]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
