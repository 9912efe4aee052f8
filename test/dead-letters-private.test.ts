import { getDeadLetter, DeadLetterSchema } from '../lib/contract/dead-letters.ts';
import { UserIdSchema } from '../lib/contract/vocabulary.ts';
import { newErasure } from '../lib/domain/erasure.ts';
import { clientEvent, erasureEvent, userEvent } from '../lib/domain/occurrence.ts';
import { newUser } from '../lib/domain/user.ts';
import { keepDeadRecord } from '../lib/messaging/dead-record.ts';
import { collect } from '../lib/runtime/collector.ts';
import { first, problemOf, read } from './support/answers.ts';
import { buildClient, newAct, sqsEvent } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { keepOne, lettersOf } from './support/letters.ts';
import { askToErase } from './support/privacy.ts';
import { unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';

const DAY_MS = 24 * 3600 * 1000;

describe('dead letters', () => {
  it('are shown with their payload, but never with secrets', async () => {
    const tenant = await openTenant();
    const payload = JSON.stringify({ text: 'Salom', headers: { 'x-telegram-bot-api-secret-token': 'sesame' } });
    const { id } = await keepOne(tenant, { payload });
    const letter = read(await tenant.admin.get(`/crm/dead-letters/${id}`), 200, getDeadLetter.result);
    expect(letter).toMatchObject({ id, masked: 'secrets', origin: 'audit' });
    expect(letter.payload).toContain('Salom');
    expect(letter.payload).not.toContain('sesame');
  });

  it('are kept for ninety days, and for a month when they were put back', async () => {
    const tenant = await openTenant();
    const { id, receivedAt } = await keepOne(tenant);
    const daysLeft = async () => {
      const [item] = (await itemsOf(tenant.id)).filter(({ sk }) => sk === `LETTER#${id}`);
      return (Number(item?.expiresAt) * 1000 - Date.parse(receivedAt)) / DAY_MS;
    };
    expect(await daysLeft()).toBeCloseTo(90, 1);
    read(await tenant.admin.post(`/crm/dead-letters/${id}/redrive`), 202, DeadLetterSchema);
    expect(await daysLeft()).toBeCloseTo(30, 1);
  });

  it('show what they tell of users to whoever manages these, as the rest of the API does', async () => {
    const tenant = await openTenant();
    const act = newAct({ tenant: tenant.id });
    const userId = UserIdSchema.parse('olim');
    const user = newUser(act, { userId, role: 'agent', name: 'Olim', email: 'olim@example.com', issuedAt: 0 });
    const payload = JSON.stringify({ detail: userEvent(act, 'UserUpdated', user) });
    const { id } = await keepOne(tenant, { payload });
    const shownTo = async (role: 'admin' | 'manager') =>
      read(await (await tenant.as(role)).get(`/crm/dead-letters/${id}`), 200, getDeadLetter.result);
    expect(await shownTo('admin')).toMatchObject({ masked: 'secrets', payload });
    const masked = await shownTo('manager');
    expect(masked.masked).toBe('private');
    expect(masked.payload).toContain('UserUpdated');
    expect(masked.payload).not.toMatch(/example|Olim/);
  });
});

describe('of a client that is erased', () => {
  const receivedAt = new Date().toISOString();

  it('a queue and the stream leave nothing that tells of it', async () => {
    const tenant = await openTenant();
    const marker = unique('name');
    const client = await tenant.addClient({ firstName: marker });
    await askToErase(tenant.admin, client.id);
    const act = newAct({ tenant: tenant.id });
    const event = clientEvent(act, 'ClientUpdated', { ...buildClient(act, { firstName: marker }), id: client.id });
    await collect()(sqsEvent([JSON.stringify({ detail: event })]));
    const { marshall } = await import('@aws-sdk/util-dynamodb');
    const NewImage = marshall({ outbox: { event } }, { removeUndefinedValues: true });
    const payload = JSON.stringify({ dynamodb: { NewImage } });
    await keepDeadRecord({ pk: `T#${tenant.id}#CLIENT#${client.id}`, reason: 'Refused.', payload, receivedAt });
    const letters = await eventually(async () => {
      const items = await lettersOf(tenant);
      expect(items).toHaveLength(2);
      return items;
    });
    for (const letter of letters) {
      expect(letter.payload).toBe('');
      expect(letter.reason).toContain('erased');
      problemOf(await tenant.admin.post(`/crm/dead-letters/${letter.id}/redrive`), 409, 'dead-letter.not-redrivable');
    }
    expect(JSON.stringify(await itemsOf(tenant.id, /DEADLETTER/))).not.toContain(marker);
  });

  it('what tells of its end by ids alone is kept, and can be put back', async () => {
    const tenant = await openTenant();
    const act = newAct({ tenant: tenant.id });
    const erasure = newErasure(act, buildClient(act).id);
    const body = JSON.stringify({ detail: erasureEvent(act, 'ClientErased', erasure) });
    await collect()(sqsEvent([body]));
    expect(await eventually(async () => first(await lettersOf(tenant)))).toMatchObject({ payload: body });
  });
});
