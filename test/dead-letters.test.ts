import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import type { DeadLetterId } from '../lib/contract/dead-letters.ts';
import { DeadLetterSchema, getDeadLetter, RedriveSchema } from '../lib/contract/dead-letters.ts';
import { pageOf } from '../lib/contract/route.ts';
import { clientEvent } from '../lib/domain/occurrence.ts';
import { collect } from '../lib/runtime/collector.ts';
import { keepDeadLetter } from '../lib/table/dead-letters.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { buildClient, newAct, sqsEvent } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { auditLetter, envelopeOf, keepOne, knownEnvelopeOf, lettersOf } from './support/letters.ts';
import { unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, readAll, type Tenant } from './support/tenant.ts';
import { addressOf, postTelegram, secretOf } from './support/webhooks.ts';

const DAY_MS = 24 * 3600 * 1000;
const PageSchema = pageOf(DeadLetterSchema);

const shown = async ({ admin }: Tenant, query = '') =>
  read(await admin.get(`/crm/dead-letters${query}`), 200, PageSchema);

const redrivesOf = async ({ id }: Tenant, letterId: DeadLetterId): Promise<unknown[]> =>
  (await itemsOf(id)).filter((item) => JSON.stringify(item.outbox ?? null).includes(`"letterId":"${letterId}"`));

const sqs = new SQSClient({ endpoint: process.env.AWS_ENDPOINT_URL_SQS ?? '' });
/** An entry that stands where a queue puts what it gives up. */
const giveUp = (name: string, MessageBody: string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: (process.env.INBOUND_QUEUE_URL ?? '').replace(/[^/]+$/, `parley-local-${name}`),
      MessageBody,
    }),
  );

describe('dead letters', () => {
  it('are kept of what queues give up, with where it stood, and once however often they are handed over', async () => {
    const tenant = await openTenant();
    const body = await knownEnvelopeOf(tenant);
    await giveUp('SearchDeadLetters', body);
    const letter = await eventually(async () => first((await shown(tenant)).items));
    expect(letter).toMatchObject({ source: 'queue', origin: 'search', state: 'open', count: 1, redrivable: true });
    const event = sqsEvent([await knownEnvelopeOf(tenant), 'no JSON at all']);
    const tagged = {
      Records: event.Records.map((record) => ({
        ...record,
        messageId: `${tenant.id}-${record.messageId}`,
        attributes: {
          ...record.attributes,
          DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-central-1:1:x-prod-HistoryQueue-1A2B',
        },
      })),
    };
    expect(await collect()(tagged)).toEqual({ batchItemFailures: [] });
    expect(await collect()(tagged)).toEqual({ batchItemFailures: [] });
    const letters = await eventually(async () => {
      const items = await lettersOf(tenant);
      expect(items).toHaveLength(2);
      return items;
    });
    expect(letters[0]).toMatchObject({
      origin: 'history',
      count: 1,
      way: { to: 'queue', queue: 'x-prod-HistoryQueue-1A2B' },
    });
  });

  it('are listed last received first, by source, origin, state, reason and time, page after page', async () => {
    const tenant = await openTenant();
    const start = Date.now() - 10 * DAY_MS;
    const at = (day: number) => new Date(start + day * DAY_MS).toISOString();
    await keepDeadLetter(tenant.id, auditLetter(tenant, { receivedAt: at(1), reason: 'Too large' }));
    await keepDeadLetter(tenant.id, auditLetter(tenant, { receivedAt: at(2), origin: 'search' }));
    await keepDeadLetter(tenant.id, auditLetter(tenant, { receivedAt: at(3), source: 'stream', origin: 'outbox' }));
    const days = async (query: string) =>
      (await readAll(tenant.admin, `/crm/dead-letters?limit=1${query}`, DeadLetterSchema)).items.map(
        ({ lastReceivedAt }) => (Date.parse(lastReceivedAt) - start) / DAY_MS,
      );
    await eventually(async () => expect(await days('')).toEqual([3, 2, 1]));
    await eventually(async () => expect(await days('&origin=search')).toEqual([2]));
    expect(await days('&source=queue')).toEqual([2, 1]);
    expect(await days('&reason=large')).toEqual([1]);
    expect(await days('&state=redriven')).toEqual([]);
    expect(await days(`&from=${at(2)}&to=${at(3)}`)).toEqual([2]);
    problemOf(await tenant.admin.get('/crm/dead-letters?source=pigeon'), 400, 'request.invalid');
    const backwards = await tenant.admin.get(`/crm/dead-letters?from=${at(3)}&to=${at(2)}`);
    expect(pointersOf(problemOf(backwards, 400, 'request.invalid'))).toEqual(['/to']);
    expect(await days(`&from=${at(2)}&to=${at(2)}`)).toEqual([]);
  });

  it('are not for agents, nor for another tenant', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await keepOne(tenant);
    const agent = await tenant.as('agent');
    const stranger = await other.as('admin');
    const calls = [
      { method: 'get', path: `/crm/dead-letters/${id}` },
      { method: 'post', path: `/crm/dead-letters/${id}/redrive` },
      { method: 'delete', path: `/crm/dead-letters/${id}` },
    ] as const;
    for (const { method, path } of calls) {
      const problem = problemOf(await agent[method](path), 403, 'permission.missing');
      expect(problem.permission).toBe('DeadLetter.Manage');
      problemOf(await stranger[method](path), 404, 'resource.not-found');
    }
    problemOf(await agent.get('/crm/dead-letters'), 403, 'permission.missing');
    problemOf(await agent.post('/crm/dead-letters/redrive', {}), 403, 'permission.missing');
    expect((await shown(other)).items).toEqual([]);
    expect(await lettersOf(tenant)).toHaveLength(1);
  });
});

describe('redriving', () => {
  it('puts a letter back once, also when two ask at once, and what it was about is done', async () => {
    const tenant = await openTenant();
    const { id, payload } = await keepOne(tenant, { payload: envelopeOf(tenant, unique('name')) });
    const eventId = /"id":"([0-9a-f-]{36})","version"/.exec(payload)?.[1] ?? '';
    const redrive = () => tenant.admin.post(`/crm/dead-letters/${id}/redrive`);
    for (const answer of await Promise.all([redrive(), redrive()])) {
      expect(read(answer, 202, DeadLetterSchema)).toMatchObject({ id, state: 'redriven', redrivenBy: 'ana' });
    }
    read(await redrive(), 202, DeadLetterSchema);
    expect(await redrivesOf(tenant, id)).toHaveLength(1);
    await eventually(async () => {
      const entries = JSON.stringify((await tenant.admin.get('/crm/audit')).body);
      expect(entries).toContain(eventId);
      expect(entries).toContain('DeadLetterRedriven');
    });
  });

  it('shows a letter again that fails again, with how often', async () => {
    const tenant = await openTenant();
    const { id } = await keepOne(tenant);
    read(await tenant.admin.post(`/crm/dead-letters/${id}/redrive`), 202, DeadLetterSchema);
    const event = sqsEvent([await knownEnvelopeOf(tenant)]);
    const again = {
      Records: event.Records.map((record) => ({
        ...record,
        messageId: randomUUID(),
        messageAttributes: { letterId: { stringValue: id, dataType: 'String' as const } },
      })),
    };
    await collect()(again);
    await collect()(again);
    const letter = read(await tenant.admin.get(`/crm/dead-letters/${id}`), 200, DeadLetterSchema);
    expect(letter).toMatchObject({ state: 'open', count: 2, origin: 'audit' });
    read(await tenant.admin.post(`/crm/dead-letters/${id}/redrive`), 202, DeadLetterSchema);
    expect(await redrivesOf(tenant, id)).toHaveLength(2);
  });

  it('takes a webhook in again that could not be understood, without what it was verified by', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTelegram();
    const secret = await secretOf(channel);
    await postTelegram(addressOf(channel), { update_id: 7, message: 'not a message' }, secret);
    const letter = await eventually(async () => first(await lettersOf(tenant)));
    expect(letter).toMatchObject({ source: 'webhook', origin: 'telegram', count: 1 });
    expect(JSON.stringify(letter)).not.toContain(secret);
    read(await tenant.admin.post(`/crm/dead-letters/${letter.id}/redrive`), 202, DeadLetterSchema);
    await eventually(async () => {
      expect(first(await lettersOf(tenant))).toMatchObject({ id: letter.id, state: 'open', count: 2 });
    });
  });

  it('hands on once more what could not be published, and refuses what cannot be', async () => {
    const tenant = await openTenant();
    const act = newAct({ tenant: tenant.id });
    const marker = unique('name');
    const event = clientEvent(act, 'ClientCreated', buildClient(act, { firstName: marker }));
    const { marshall } = await import('@aws-sdk/util-dynamodb');
    const record = { dynamodb: { NewImage: marshall({ outbox: { event } }, { removeUndefinedValues: true }) } };
    const outbox = { source: 'stream', origin: 'outbox', way: { to: 'stream' } } as const;
    const { id } = await keepOne(tenant, { ...outbox, payload: JSON.stringify(record) });
    read(await tenant.admin.post(`/crm/dead-letters/${id}/redrive`), 202, DeadLetterSchema);
    await eventually(async () => {
      expect(JSON.stringify((await tenant.admin.get('/crm/audit')).body)).toContain(event.id);
    });
    await keepDeadLetter(tenant.id, auditLetter(tenant, { ...outbox, payload: 'no record' }));
    const broken = await eventually(async () => first((await lettersOf(tenant)).filter((letter) => letter.id !== id)));
    problemOf(await tenant.admin.post(`/crm/dead-letters/${broken.id}/redrive`), 409, 'dead-letter.not-redrivable');
  });

  it('puts all back that a filter finds, as a job that tells how far it is', async () => {
    const tenant = await openTenant();
    for (let index = 0; index < 25; index += 1) await keepDeadLetter(tenant.id, auditLetter(tenant));
    await keepDeadLetter(tenant.id, auditLetter(tenant, { origin: 'search' }));
    await eventually(async () => expect(await lettersOf(tenant)).toHaveLength(26));
    const key = { 'idempotency-key': unique('key') };
    const ask = () => tenant.admin.post('/crm/dead-letters/redrive', { origin: 'audit' }, key);
    const redrive = read(await ask(), 202, RedriveSchema);
    expect(read(await ask(), 202, RedriveSchema).id).toBe(redrive.id);
    const path = `/crm/dead-letters/redrives/${redrive.id}`;
    await eventually(async () => {
      expect(read(await tenant.admin.get(path), 200, RedriveSchema)).toMatchObject({ state: 'done', redriven: 25 });
    }, 20_000);
    await eventually(async () => {
      const open = (await shown(tenant, '?state=open')).items;
      expect(open.map(({ origin }) => origin)).toEqual(['search']);
    });
    problemOf(await (await openTenant()).admin.get(path), 404, 'resource.not-found');
  });

  it('puts nothing back of a time that is yet to come, and refuses one that ends before it begins', async () => {
    const { admin } = await openTenant();
    const [from, to] = ['2999-01-02T00:00:00.000Z', '2999-01-01T00:00:00.000Z'];
    const refused = problemOf(await admin.post('/crm/dead-letters/redrive', { from, to }), 400, 'request.invalid');
    expect(pointersOf(refused)).toEqual(['/to']);
    const { id } = read(await admin.post('/crm/dead-letters/redrive', { from }), 202, RedriveSchema);
    await eventually(async () => {
      const redrive = read(await admin.get(`/crm/dead-letters/redrives/${id}`), 200, RedriveSchema);
      expect(redrive).toMatchObject({ state: 'done', redriven: 0, error: null });
    }, 20_000);
  });
});

it('discarding removes a letter, with a payload that lies in the bucket too', async () => {
  const tenant = await openTenant();
  const small = await keepOne(tenant);
  expect((await tenant.admin.delete(`/crm/dead-letters/${small.id}`)).status).toBe(204);
  problemOf(await tenant.admin.get(`/crm/dead-letters/${small.id}`), 404, 'resource.not-found');
  const { keepLetterPayload } = await import('../lib/cloud/payloads.ts');
  const large = `"${'x'.repeat(150_000)}${unique('large')}"`;
  const payload = await keepLetterPayload(tenant.id, 'queue', large);
  const { id } = await keepOne(tenant, { payload });
  const letter = read(await tenant.admin.get(`/crm/dead-letters/${id}`), 200, getDeadLetter.result);
  expect(letter.payload).toBe(large);
  expect((await tenant.admin.delete(`/crm/dead-letters/${id}`)).status).toBe(204);
  problemOf(await tenant.admin.delete(`/crm/dead-letters/${id}`), 404, 'resource.not-found');
  problemOf(await tenant.admin.post(`/crm/dead-letters/${id}/redrive`), 404, 'resource.not-found');
  const { readPayload } = await import('../lib/cloud/payloads.ts');
  await eventually(async () => {
    expect(await readPayload(tenant.id, payload)).toBe('');
    expect(JSON.stringify(await itemsOf(tenant.id))).not.toContain(`LETTER#${id}`);
  }, 20_000);
});
