import { randomUUID } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { sharedUrls } from '../test/support/client.ts';
import { startBus } from './bus.ts';
import { call } from './http-client.ts';
import type { LocalServer } from './http-server.ts';
import { clientFor } from './project.ts';

const sqs = new SQSClient(clientFor(sharedUrls().queues));

const newQueue = async (): Promise<string> => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `bus-${randomUUID()}` }));
  return QueueUrl;
};

const receive = async (queueUrl: string): Promise<unknown[]> => {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body = '' }): unknown => JSON.parse(Body));
};

const entry = (type: string, detail: unknown): PutEventsRequestEntry => ({
  EventBusName: 'test-bus',
  Source: 'crm',
  DetailType: type,
  Detail: JSON.stringify(detail),
});

let messages: string;
let everything: string;
let bus: LocalServer;
let client: EventBridgeClient;

beforeAll(async () => {
  messages = await newQueue();
  everything = await newQueue();
  bus = await startBus({
    port: 0,
    busNames: ['test-bus'],
    rules: [
      { busName: 'test-bus', pattern: { 'detail-type': [{ prefix: 'Message' }] }, queueUrls: [messages] },
      { busName: 'test-bus', pattern: { source: ['crm'] }, queueUrls: [everything] },
    ],
    sqsEndpoint: sharedUrls().queues,
    log: () => undefined,
  });
  client = new EventBridgeClient({ ...clientFor(bus.url), maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await bus.stop();
});

const ItemsSchema = z.object({ items: z.array(z.looseObject({ 'detail-type': z.string() })) });

describe('the bus', () => {
  it('delivers to every queue whose rule matches, in the envelope of EventBridge', async () => {
    const Entries = [entry('MessageSent', { tenantId: 'one' }), entry('ClientCreated', { tenantId: 'two' })];
    const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
    expect(FailedEntryCount).toBe(0);
    expect(await receive(messages)).toMatchObject([
      {
        version: '0',
        'detail-type': 'MessageSent',
        source: 'crm',
        account: '000000000000',
        region: 'eu-central-1',
        resources: [],
        detail: { tenantId: 'one' },
      },
    ]);
    expect(await receive(everything)).toHaveLength(2);
  });

  it('answers for each entry', async () => {
    const Entries = [entry('MessageSent', { tenantId: 'one' }), { ...entry('MessageSent', {}), Detail: 'not JSON' }];
    const answer = await client.send(new PutEventsCommand({ Entries }));
    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{}, { ErrorCode: 'MalformedDetail' }],
    });
  });

  it('refuses an event for a bus that is not there', async () => {
    const Entries = [{ ...entry('MessageSent', {}), EventBusName: 'another' }];
    expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 1 });
  });

  it('refuses more than ten entries at once', async () => {
    const Entries = Array.from({ length: 11 }, () => entry('MessageSent', {}));
    await expect(client.send(new PutEventsCommand({ Entries }))).rejects.toThrow('1 to 10 entries');
  });

  it('shows what it took, newest last, by tenant and type', async () => {
    const tenantId = randomUUID();
    for (const type of ['ClientCreated', 'MessageQueued', 'MessageSent']) {
      await client.send(new PutEventsCommand({ Entries: [entry(type, { tenantId })] }));
    }
    const list = async (query: string) =>
      ItemsSchema.parse((await call('GET', `${bus.url}/events?${query}`)).body).items;
    const ofTenant = await list(`tenantId=${tenantId}`);
    expect(ofTenant.map((event) => event['detail-type'])).toEqual(['ClientCreated', 'MessageQueued', 'MessageSent']);
    expect(await list(`tenantId=${tenantId}&detailType=MessageSent`)).toMatchObject([
      { source: 'crm', detail: { tenantId } },
    ]);
  });
});
