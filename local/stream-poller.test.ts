import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { eventually, sharedUrls } from '../test/support/client.ts';
import type { Invocation, Invoke } from './invoke.ts';
import { clientFor } from './project.ts';
import { startStreamPoller, type Poller, type StreamPollerOptions } from './stream-poller.ts';

const EventSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      eventSourceARN: z.string(),
      dynamodb: z.object({
        SequenceNumber: z.string(),
        Keys: z.object({ pk: z.object({ S: z.string() }) }),
        NewImage: z.unknown(),
      }),
    }),
  ),
});
type Received = z.infer<typeof EventSchema>['Records'];

const done: Invocation = { kind: 'returned', payload: { batchItemFailures: [] } };
const keysOf = (records: Received): string[] => records.map(({ dynamodb }) => dynamodb.Keys.pk.S);
const failFrom = (records: Received, key: string): Invocation => {
  const itemIdentifier = records.find(({ dynamodb }) => dynamodb.Keys.pk.S === key)?.dynamodb.SequenceNumber;
  return { kind: 'returned', payload: { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] } };
};

const dynamodb = new DynamoDBClient(clientFor(sharedUrls().dynamodb));

/** A table of its own, what a function got from its stream, batch by batch, and how to answer. */
const stream = async () => {
  const name = `stream-poller-${randomUUID()}`;
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const positionFile = join(mkdtempSync(join(tmpdir(), 'stream-poller-')), 'position.json');
  const batches: string[][] = [];
  const start = (
    answer: (records: Received, call: number) => Invocation,
    options: Partial<StreamPollerOptions> = {},
  ): Poller => {
    const invoke: Invoke = (_, event) => {
      const { Records } = EventSchema.parse(event);
      batches.push(keysOf(Records));
      return Promise.resolve(answer(Records, batches.length));
    };
    const poller = startStreamPoller({
      endpoint: sharedUrls().dynamodb,
      streamArn: TableDescription?.LatestStreamArn ?? '',
      target: { functionName: 'test', batchSize: 100, reportsPartially: true, bisects: false },
      filterPatterns: [],
      positionFile,
      invoke,
      whenUp: () => Promise.resolve(),
      log: () => undefined,
      ...options,
    });
    pollers.push(poller);
    return poller;
  };
  const write = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      await dynamodb.send(
        new PutItemCommand({ TableName: name, Item: { pk: { S: key }, at: { N: String(Date.now()) } } }),
      );
    }
  };
  return { batches, start, write };
};

const pollers: Poller[] = [];
afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});
afterAll(() => dynamodb.destroy());

describe('the stream poller', () => {
  it('hands over what was written before and after it began, in order and once', async () => {
    const { batches, start, write } = await stream();
    await write('a', 'b');
    start(() => done);
    await write('c', 'd');
    await eventually(() => expect(batches.flat()).toEqual(['a', 'b', 'c', 'd']));
  });

  it('hands over only what a filter pattern matches', async () => {
    const { batches, start, write } = await stream();
    await write('EVENT#1', 'CLIENT#1', 'EVENT#2');
    await write('EVENT#1');
    start(() => done, {
      filterPatterns: [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } }],
    });
    await eventually(() => expect(batches.flat()).toEqual(['EVENT#1', 'EVENT#2']));
  });

  it('starts again from the first record that failed', async () => {
    const { batches, start, write } = await stream();
    await write('a', 'b', 'c');
    start((records, call) => (call === 1 ? failFrom(records, 'b') : done));
    await eventually(() =>
      expect(batches).toEqual([
        ['a', 'b', 'c'],
        ['b', 'c'],
      ]),
    );
  });

  it('gives the whole batch again after an error', async () => {
    const { batches, start, write } = await stream();
    await write('a', 'b');
    start((_, call) => (call === 1 ? { kind: 'failed', reason: 'thrown' } : done));
    await eventually(() =>
      expect(batches).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]),
    );
  });

  it('halves a batch that errors, where asked, until the bad record stands alone', async () => {
    const { batches, start, write } = await stream();
    await write('a', 'b', 'bad', 'd');
    const target = { functionName: 'test', batchSize: 100, reportsPartially: true, bisects: true };
    let patience = 2;
    const answer = (records: Received): Invocation => {
      if (!keysOf(records).includes('bad')) return done;
      if (records.length === 1 && (patience -= 1) === 0) return done;
      return { kind: 'failed', reason: 'bad record' };
    };
    start(answer, { target });
    await eventually(() => expect(batches.slice(1)).toEqual([['a', 'b'], ['bad', 'd'], ['bad'], ['bad'], ['d']]));
  });

  it('never runs ahead of a record that keeps failing', async () => {
    const { batches, start, write } = await stream();
    await write('a');
    start(() => ({ kind: 'failed', reason: 'always' }));
    await eventually(() => expect(batches.length).toBeGreaterThan(1));
    await write('b');
    await eventually(() => expect(batches.length).toBeGreaterThan(3));
    expect(batches.flat()).not.toContain('b');
  });

  it('goes on after a restart from what was done, not from what was handed over', async () => {
    const { batches, start, write } = await stream();
    await write('a', 'b', 'c');
    const first = start((records) => failFrom(records, 'c'));
    await eventually(() => expect(batches.at(-1)).toEqual(['c']));
    await first.stop();
    batches.length = 0;
    await write('d');
    start(() => done);
    await eventually(() => expect(batches.flat()).toEqual(['c', 'd']));
  });

  it('waits while the functions are away', async () => {
    const { batches, start, write } = await stream();
    const up = Promise.withResolvers<undefined>();
    await write('a');
    start(() => done, { whenUp: () => up.promise });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(batches).toEqual([]);
    up.resolve(undefined);
    await eventually(() => expect(batches).toEqual([['a']]));
  });
});
