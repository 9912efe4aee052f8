import { randomUUID } from 'node:crypto';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { eventually, sharedUrls } from '../test/support/client.ts';
import type { Invocation, Invoke } from './invoke.ts';
import { clientFor } from './project.ts';
import { startQueuePoller, type QueuePollerOptions } from './queue-poller.ts';
import { queueArn } from './queues.ts';
import type { Poller } from './stream-poller.ts';

const EventSchema = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
      attributes: z.looseObject({ ApproximateReceiveCount: z.string(), MessageGroupId: z.string().optional() }),
      messageAttributes: z.record(z.string(), z.looseObject({ stringValue: z.string() })),
    }),
  ),
});
type Received = z.infer<typeof EventSchema>['Records'];

const done: Invocation = { kind: 'returned', payload: { batchItemFailures: [] } };
const bodies = (records: Received): string[] => records.map(({ body }) => body);
const fail = (records: Received, ...failing: string[]): Invocation => ({
  kind: 'returned',
  payload: {
    batchItemFailures: records
      .filter(({ body }) => failing.includes(body))
      .map(({ messageId }) => ({ itemIdentifier: messageId })),
  },
});

const sqs = new SQSClient(clientFor(sharedUrls().queues));
const pollers: Poller[] = [];

const queue = async (kind: 'standard' | 'fifo', attributes: Readonly<Record<string, string>> = {}) => {
  const name = `queue-poller-${randomUUID()}${kind === 'fifo' ? '.fifo' : ''}`;
  const { QueueUrl: url = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { VisibilityTimeout: '1', ...(kind === 'fifo' && { FifoQueue: 'true' }), ...attributes },
    }),
  );
  const received: Received[] = [];
  const start = (
    respond: (records: Received) => Invocation | Promise<Invocation>,
    target: Partial<QueuePollerOptions['target']> = {},
  ): void => {
    const invoke: Invoke = async (_, event) => {
      const { Records } = EventSchema.parse(event);
      received.push(Records);
      return respond(Records);
    };
    const poller = startQueuePoller({
      endpoint: sharedUrls().queues,
      queue: { url, arn: queueArn(name) },
      target: { functionName: 'test', batchSize: 10, concurrency: 10, reportsPartially: true, ...target },
      invoke,
      whenUp: () => Promise.resolve(),
      log: () => undefined,
    });
    pollers.push(poller);
  };
  const send = async (body: string, group?: string): Promise<void> => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: body,
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
        ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: randomUUID() }),
      }),
    );
  };
  const left = async (): Promise<number> => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
  };
  return { name, received, seen: () => received.flatMap(bodies), start, send, left };
};

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});
afterAll(() => sqs.destroy());

describe('the poller of a standard queue', () => {
  it('hands messages over as Lambda does, and deletes what went well', async () => {
    const { name, received, start, send, left } = await queue('standard');
    await send('hello');
    start(() => done);
    await eventually(async () => expect(await left()).toBe(0));
    expect(received).toMatchObject([
      [
        {
          body: 'hello',
          eventSourceARN: queueArn(name),
          attributes: { ApproximateReceiveCount: '1' },
          messageAttributes: { kind: { stringValue: 'test', dataType: 'String' } },
        },
      ],
    ]);
  });

  it('gives again only the messages that failed', async () => {
    const { received, start, send, left } = await queue('standard');
    for (const body of ['a', 'b', 'c']) await send(body);
    start((records) => (received.length === 1 ? fail(records, 'b') : done));
    await eventually(async () => expect(await left()).toBe(0));
    expect(received.map(bodies)).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it('gives the whole batch again after an error', async () => {
    const { received, start, send, left } = await queue('standard');
    for (const body of ['a', 'b']) await send(body);
    start(() => (received.length === 1 ? { kind: 'failed', reason: 'thrown' } : done));
    await eventually(async () => expect(await left()).toBe(0));
    expect(received.map(bodies)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('moves what fails too often to the dead letters', async () => {
    const dead = await queue('standard');
    const policy = JSON.stringify({ deadLetterTargetArn: queueArn(dead.name), maxReceiveCount: 2 });
    const { seen, start, send, left } = await queue('standard', { RedrivePolicy: policy });
    await send('poison');
    start((records) => fail(records, 'poison'));
    await eventually(async () => expect(await dead.left()).toBe(1));
    expect(seen()).toEqual(['poison', 'poison']);
    expect(await left()).toBe(0);
  });

  it('shows a message again at once when no function saw it', async () => {
    const { received, start, send, left } = await queue('standard', { VisibilityTimeout: '60' });
    await send('a');
    start(() => (received.length === 1 ? { kind: 'unreachable' } : done));
    await eventually(async () => expect(await left()).toBe(0), 2_000);
  });
});

describe('the poller of a FIFO queue', () => {
  it('keeps the order within a group, also over failures', async () => {
    const { received, seen, start, send, left } = await queue('fifo');
    for (const body of ['1', '2', '3']) await send(body, 'chat');
    start((records) => (received.length === 2 ? fail(records, '2') : done), { batchSize: 1 });
    await eventually(async () => expect(await left()).toBe(0));
    expect(seen()).toEqual(['1', '2', '2', '3']);
  });

  it('serves other groups while one waits', async () => {
    const { seen, start, send, left } = await queue('fifo');
    const slow = Promise.withResolvers<Invocation>();
    await send('slow', 'chat-1');
    await send('after slow', 'chat-1');
    await send('quick', 'chat-2');
    start(([first]) => (first?.body === 'slow' ? slow.promise : done), { batchSize: 1 });
    await eventually(() => expect(seen()).toContain('quick'), 800);
    expect(seen()).not.toContain('after slow');
    slow.resolve(done);
    await eventually(async () => expect(await left()).toBe(0));
    expect(seen().at(-1)).toBe('after slow');
  });

  it('runs no more at a time than allowed', async () => {
    const { start, send, left } = await queue('fifo', { VisibilityTimeout: '30' });
    const running = { now: 0, most: 0 };
    for (const group of ['a', 'b', 'c', 'd', 'e']) await send(group, group);
    const work = async (): Promise<Invocation> => {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      await sleep(50);
      running.now -= 1;
      return done;
    };
    start(work, { batchSize: 1, concurrency: 2 });
    await eventually(async () => expect(await left()).toBe(0));
    expect(running.most).toBe(2);
  });
});
