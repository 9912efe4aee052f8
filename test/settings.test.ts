import { SettingsInputSchema, SettingsSchema } from '../lib/contract/settings.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf } from './support/events.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const PATH = '/crm/settings';
const settingsOf = async ({ admin }: Tenant) => read(await admin.get(PATH), 200, SettingsSchema);
const monday = (...openings: object[]) => ({ businessHours: { monday: openings } });

describe('settings', () => {
  it('are there from the first token on, are replaced whole, and announced', async () => {
    const tenant = await openTenant();
    expect(await settingsOf(tenant)).toEqual({ ...SettingsInputSchema.parse({}), version: 1 });
    const input = SettingsInputSchema.parse({
      defaultCountry: 'UZ',
      languages: ['uz', 'ru'],
      timeZone: 'Asia/Tashkent',
      assignment: 'least-busy',
      retention: { messages: 365 },
      limits: { requestsPerUser: 50 },
      ...monday({ from: '09:00', to: '13:00' }, { from: '14:00', to: '24:00' }),
    });
    const answer = await tenant.admin.put(PATH, input, { 'if-match': '"1"' });
    const saved = read(answer, 200, SettingsSchema);
    expect(saved).toEqual({ ...input, version: 2 });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(await settingsOf(tenant)).toEqual(saved);
    const event = await eventOf(tenant.id, 'SettingsUpdated', tenant.id);
    expect(event).toMatchObject({ data: saved, previous: { timeZone: 'UTC', defaultCountry: null } });
    problemOf(await tenant.admin.put(PATH, {}, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(read(await tenant.admin.put(PATH, {}), 200, SettingsSchema)).toEqual({
      ...SettingsInputSchema.parse({}),
      version: 3,
    });
  });

  it('are replaced by one of two who read the same version, and announced once', async () => {
    const tenant = await openTenant();
    const zones = ['Asia/Tashkent', 'Asia/Samarkand'];
    const answers = await Promise.all(
      zones.map((timeZone) => tenant.admin.put(PATH, { timeZone }, { 'if-match': '"1"' })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const winner = zones[answers.findIndex(({ status }) => status === 200)];
    expect(await settingsOf(tenant)).toMatchObject({ timeZone: winner, version: 2 });
    const outbox = (await itemsOf(tenant.id)).filter((item) => JSON.stringify(item).includes('"SettingsUpdated"'));
    expect(outbox.filter(({ sk }) => String(sk).startsWith('EVENT#'))).toHaveLength(1);
  });

  it.each([
    ['a country in words', { defaultCountry: 'Uzbekistan' }, '/defaultCountry'],
    ['a country that is none', { defaultCountry: 'XX' }, '/defaultCountry'],
    ['no language', { languages: [] }, '/languages'],
    ['a language that is not spoken', { languages: ['tlh'] }, '/languages/0'],
    ['a language twice', { languages: ['uz', 'uz'] }, '/languages'],
    ['a time zone that is none', { timeZone: 'Mars/Base' }, '/timeZone'],
    ['an offset for a time zone', { timeZone: '+05:00' }, '/timeZone'],
    ['hours that never are', { businessHours: {} }, '/businessHours'],
    ['a time that is none', monday({ from: '9:00', to: '18:00' }), '/businessHours/monday/0/from'],
    ['hours that end before they begin', monday({ from: '18:00', to: '09:00' }), '/businessHours/monday/0'],
    [
      'hours that overlap',
      monday({ from: '09:00', to: '13:00' }, { from: '12:00', to: '18:00' }),
      '/businessHours/monday',
    ],
    ['a day that is none', { businessHours: { someday: [] } }, '/businessHours/someday'],
    ['an assignment that is none', { assignment: 'random' }, '/assignment'],
    ['part of a day', { retention: { notes: 0.5 } }, '/retention/notes'],
    ['a kind that is none', { retention: { calls: 1 } }, '/retention/calls'],
    ['a limit of nothing', { limits: { requestsPerUser: 0 } }, '/limits/requestsPerUser'],
    ['a limit that is none', { limits: { requests: 1 } }, '/limits/requests'],
    ['a field that is none', { country: 'UZ' }, '/country'],
  ])('with %s are refused, and stay as they are', async (_, body, pointer) => {
    const tenant = await openTenant();
    const problem = problemOf(await tenant.admin.put(PATH, body), 400, 'request.invalid');
    expect(pointersOf(problem)).toContain(pointer);
    expect((await settingsOf(tenant)).version).toBe(1);
  });

  it('are seen and replaced by admins alone, each of their own tenant', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    for (const role of ['manager', 'agent'] as const) {
      const user = await tenant.as(role);
      expect(problemOf(await user.get(PATH), 403, 'permission.missing').permission).toBe('Settings.Manage');
      problemOf(await user.put(PATH, {}), 403, 'permission.missing');
    }
    await tenant.admin.put(PATH, { timeZone: 'Asia/Tashkent' });
    expect((await settingsOf(other)).timeZone).toBe('UTC');
  });
});
