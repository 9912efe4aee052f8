import { handler as indexSearch } from '../../functions/subscribers/index-search.ts';
import { handler as projectClients } from '../../functions/subscribers/project-clients.ts';
import { handler as writeHistory } from '../../functions/subscribers/write-history.ts';
import { handler as fetchAttachments } from '../../functions/fetchers/fetch-attachments.ts';
import { ErasureSchema } from '../../lib/contract/privacy.ts';
import { ClientIdSchema, type ClientId } from '../../lib/contract/vocabulary.ts';
import type { Act } from '../../lib/domain/act.ts';
import { newErasure, type ErasureRecord } from '../../lib/domain/erasure.ts';
import { newJob } from '../../lib/domain/job.ts';
import type { MessageRecord } from '../../lib/domain/message.ts';
import { erasureEvent } from '../../lib/domain/occurrence.ts';
import type { DomainEvent } from '../../lib/events/catalogue.ts';
import { beginningOf } from '../../lib/messaging/erasure-position.ts';
import { erasureWork } from '../../lib/messaging/erasure-work.ts';
import { recordFinding } from '../../lib/messaging/findings.ts';
import { receive, type Arrival } from '../../lib/messaging/receive.ts';
import { getClient } from '../../lib/table/clients.ts';
import { beginErasure, getErasure } from '../../lib/table/erasures.ts';
import { findHolder } from '../../lib/table/identities.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit, untilUndisturbed, type Step } from '../../lib/table/transaction.ts';
import { read } from '../support/answers.ts';
import { addTwilioChannel, newAct, newArrival, outboundMessage, sqsEvent } from '../support/builders.ts';
import { api, eventually, newTenant, token } from '../support/client.ts';
import { eventsOf } from '../support/events.ts';
import { newPhone } from '../support/random.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { itemsOf } from '../support/table.ts';
import { Tenant } from '../support/tenant.ts';
import { patiently } from './support.ts';

/** The keys of all that the table holds of a tenant but the audit log and statistics. */
const keysOf = async (tenant: string): Promise<string[]> => {
  const keys = (await itemsOf(tenant)).map(({ pk, sk }) => `${String(pk)} ${String(sk)}`);
  return keys.filter((key) => !/#AUDIT|#STATS/.test(key)).toSorted();
};

interface Erasing {
  readonly act: Act;
  readonly clientId: ClientId;
  readonly phone: string;
  readonly arrival: Arrival;
  readonly sent: MessageRecord;
  readonly erasure: ErasureRecord;
  /** What was announced of the client before. */
  readonly events: readonly DomainEvent[];
}

const MESSAGES = 40;
const NOTES = 40;

/** A client who wrote and was written to, and whose erasure has begun. */
const begin = async (): Promise<Erasing> => {
  const act = newAct();
  const { channel } = await addTwilioChannel(act);
  const phone = newPhone();
  const from = { address: phone, firstName: 'Gulnora' };
  const arrival = newArrival({ from, text: 'Salom' }, channel.id);
  await receive(act, arrival);
  const holder = await findHolder(act.tenant, { kind: 'tel', value: phone });
  const clientId = ClientIdSchema.parse(holder);
  for (let index = 1; index < MESSAGES; index += 1)
    await receive(act, newArrival({ from, text: `message ${index}` }, channel.id));
  const sent = { ...outboundMessage(act, clientId, { channelId: channel.id, status: 'sending' }), dueAt: null };
  await commit(act.tenant, [insertMessage(act.tenant, sent)]);
  await patiently(async () => {
    const keys = (await keysOf(act.tenant)).filter((key) => key.includes(`#CLIENT#${clientId} `));
    expect(keys.filter((key) => key.includes('TERMS#')).length).toBeGreaterThan(MESSAGES);
    expect(keys.filter((key) => key.includes('CHANGE#')).length).toBeGreaterThan(0);
  });
  const client = await getClient(act.tenant, clientId);
  const erasure = newErasure(act, clientId);
  const event = erasureEvent(act, 'ClientErasureRequested', erasure);
  const events = await eventsOf(act.tenant);
  await beginErasure(act, { client, absorbed: [], erasure, event, job: [], also: [] });
  return { act, clientId, phone, arrival, sent, erasure, events };
};

type Crash = (also: readonly Step[]) => Promise<'saved' | 'lost'>;

/** Goes on from the position that was saved last, until it is done. */
const goOn = async ({ act, clientId, erasure }: Erasing, save: Crash): Promise<void> => {
  let position: unknown = beginningOf(erasure, [clientId]);
  for (let next: unknown = 'go-on'; next !== 'done';) {
    const job = newJob(act, { kind: 'client-erasure', subjectId: clientId, position }, 1);
    // Who posts for searches may still be at it; a job's step that met somebody is taken again.
    const result = await untilUndisturbed(() => erasureWork.step(act, job));
    if ((await save(result.also ?? [])) === 'lost') continue;
    position = JSON.parse(JSON.stringify(result.position));
    next = result.next;
  }
};

const keysOfClient = async ({ act, clientId }: Erasing): Promise<string[]> =>
  (await keysOf(act.tenant)).filter((key) => key.includes(clientId) && !key.includes('#ERASURE'));

/** Everything that ever told of the client comes again. */
const tellAgain = async ({ act, events }: Erasing): Promise<void> => {
  const records = sqsEvent(events.map((event) => JSON.stringify({ detail: event })));
  for (const subscriber of [indexSearch, projectClients, writeHistory, fetchAttachments]) {
    expect(await subscriber(records)).toEqual({ batchItemFailures: [] });
  }
  expect(events.every(({ tenantId }) => tenantId === act.tenant)).toBe(true);
};

describe('an erasure whose worker dies after every step, before it is saved', () => {
  let erasing: Erasing;
  beforeAll(async () => {
    erasing = await begin();
    let steps = 0;
    await goOn(erasing, async (also) => {
      steps += 1;
      if (steps % 2 === 1) return 'lost';
      if (also.length > 0) await commit(erasing.act.tenant, also);
      return 'saved';
    });
  }, 60_000);

  it('leaves nothing of the client all the same', async () => {
    expect(await keysOfClient(erasing)).toEqual([]);
    expect((await keysOf(erasing.act.tenant)).filter((key) => /#(TERM|IDENTITY|TAG)#/.test(key))).toEqual([]);
  });

  it('has counted everything once', async () => {
    const { act, erasure } = erasing;
    const receipt = await getErasure(act.tenant, erasure.id);
    expect(receipt).toMatchObject({
      state: 'done',
      removed: { clients: 1, messages: MESSAGES + 1, references: MESSAGES },
    });
  });

  it('is not undone by what comes late: events, reports, and the same webhook', async () => {
    const { act, clientId, arrival, sent } = erasing;
    const before = await keysOf(act.tenant);
    await tellAgain(erasing);
    const learned = {
      status: 'delivered',
      attempt: 0,
      providerMessageId: 'SM1',
      error: null,
      optedOut: false,
    } as const;
    expect(await recordFinding(act, clientId, sent.id, learned)).toBeUndefined();
    expect(await receive(act, arrival)).toBe('replayed');
    expect(await keysOf(act.tenant)).toEqual(before);
  });

  it('gives way to a new client when the number writes again', async () => {
    const { act, clientId, phone, arrival } = erasing;
    const next = newArrival({ from: { address: phone, firstName: 'Gulnora' }, text: 'me again' }, arrival.channelId);
    expect(await receive(act, next)).toBe('received');
    expect(await findHolder(act.tenant, { kind: 'tel', value: phone })).not.toBe(clientId);
  });
});

describe('a client whose erasure has begun', () => {
  it('gets nothing new from what was announced before, nor from its provider', async () => {
    const erasing = await begin();
    const { act, clientId, phone, arrival } = erasing;
    // The same subscribers hear of it from the bus: what they take away is away.
    await patiently(async () => {
      await tellAgain(erasing);
      expect((await keysOfClient(erasing)).filter((key) => key.includes('ROWS'))).toEqual([]);
    });
    const before = await keysOfClient(erasing);
    await tellAgain(erasing);
    expect(await receive(act, arrival)).toBe('replayed');
    const next = newArrival({ from: { address: phone, firstName: 'Gulnora' }, text: 'me again' }, arrival.channelId);
    expect(await receive(act, next)).toBe('received');
    const after = await keysOfClient(erasing);
    expect(after.filter((key) => !before.includes(key))).toEqual([]);
    expect(await findHolder(act.tenant, { kind: 'tel', value: phone })).not.toBe(clientId);
  }, 60_000);
});

describe('with functions that are killed', () => {
  let stack: TestStack;
  beforeAll(async () => {
    // A short lease makes a short quiet time.
    stack = await startTestStack('erasure', { LEASE_SECONDS: '2' });
  }, 60_000);
  afterAll(() => stack.stop());

  it('an erasure finishes by itself, complete', async () => {
    const { urls } = stack;
    const id = newTenant();
    const tenant = new Tenant(id, api(await token({ tenant: id }, urls), urls));
    const client = await tenant.addClient({ phone: newPhone() });
    for (let index = 0; index < NOTES; index += 1) {
      const answer = await tenant.admin.post(`/crm/clients/${client.id}/notes`, { text: `note ${index}` });
      expect(answer.status).toBe(201);
    }
    const receipt = read(await tenant.admin.post(`/crm/clients/${client.id}/erase`), 202, ErasureSchema);
    const look = async () => read(await tenant.admin.get(`/crm/erasures/${receipt.id}`), 200, ErasureSchema);
    for (let time = 0; time < 3; time += 1) {
      await stack.functions.kill('SIGKILL');
      await stack.functions.start();
      await eventually(look);
    }
    const done = await eventually(async () => {
      const now = await look();
      expect(now.state).toBe('done');
      return now;
    }, 80_000);
    expect(done.removed).toMatchObject({ clients: 1, notes: NOTES });
    expect((await tenant.admin.get(`/crm/clients/${client.id}`)).status).toBe(404);
  }, 120_000);
});
