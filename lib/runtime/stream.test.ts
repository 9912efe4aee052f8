import { jest } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { clientEvent } from '../domain/occurrence.ts';
import type { DeadRecord } from '../messaging/dead-record.ts';
import type { OutboxRecord, PublishResult } from '../messaging/publish.ts';
import { logger } from './logger.ts';
import { followStream } from './stream.ts';

const act = newAct();
const pk = `T#${act.tenant}#CLIENT#1`;
const event = clientEvent(act, 'ClientCreated', buildClient(act, { firstName: 'Zulfiya' }));
const good = marshall({ pk, sk: 'EVENT#1', outbox: { event } });
const quiet = [jest.spyOn(logger, 'error'), jest.spyOn(logger, 'warn')].map((spy) =>
  spy.mockImplementation(() => undefined),
);

/** Records as Lambda hands them over; their sequence numbers are their places. */
const streamOf = (...images: unknown[]): DynamoDBStreamEvent =>
  z.custom<DynamoDBStreamEvent>().parse({
    Records: images.map((NewImage, place) => ({
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: String(place), Keys: marshall({ pk, sk: `EVENT#${place}` }), NewImage },
    })),
  });

const nothing: PublishResult = { retry: undefined, refused: [] };

const follower = (result: PublishResult = nothing) => {
  const published: OutboxRecord[] = [];
  const kept: DeadRecord[] = [];
  const handler = followStream(
    (records) => {
      published.push(...records);
      return Promise.resolve(result);
    },
    (record) => {
      kept.push(record);
      return Promise.resolve(true);
    },
  );
  return { published, kept, handler };
};

describe('a handler of the stream', () => {
  // Metrics are lines of the output.
  const output = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  afterAll(() => {
    output.mockRestore();
  });

  it('hands on what the outbox holds, with its position', async () => {
    const { published, kept, handler } = follower();
    expect(await handler(streamOf(good, good))).toEqual({ batchItemFailures: [] });
    expect(published).toEqual([
      { position: '0', event },
      { position: '1', event },
    ]);
    expect(kept).toEqual([]);
  });

  it.each([
    ['has no outbox', marshall({ pk, sk: 'EVENT#1' })],
    ['holds an event that there is not', marshall({ pk, outbox: { event: { ...event, type: 'ClientExploded' } } })],
    ['holds half an event', marshall({ pk, outbox: { event: { type: 'ClientCreated' } } })],
    ['has no image', undefined],
    ['has an image that is none', { outbox: 'text' }],
    ['has an image of a kind that there is not', { outbox: { X: '1' } }],
  ])('keeps a record that %s, whole, and passes it', async (_, image) => {
    const { published, kept, handler } = follower();
    const stream = streamOf(good, image, good);
    expect(await handler(stream)).toEqual({ batchItemFailures: [] });
    expect(published.map(({ position }) => position)).toEqual(['0', '2']);
    expect(kept).toMatchObject([{ pk, reason: 'The record cannot be read.' }]);
    expect(JSON.parse(kept[0]?.payload ?? '')).toEqual(JSON.parse(JSON.stringify(stream.Records[1])));
  });

  it('keeps what is refused for good, with the reason, and passes it', async () => {
    const { kept, handler } = follower({ retry: undefined, refused: [{ position: '1', reason: 'TooLarge' }] });
    expect(await handler(streamOf(good, good))).toEqual({ batchItemFailures: [] });
    expect(kept).toMatchObject([{ pk, reason: 'TooLarge' }]);
  });

  it('goes on from the first record that is not done while a service is away', async () => {
    const retry = { from: '1', service: 'bus', reason: 'ThrottlingException' };
    const { handler } = follower({ retry, refused: [] });
    expect(await handler(streamOf(good, good, good))).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  });

  it('fails as a whole, to be tried again, where a bad record cannot be kept', async () => {
    const handler = followStream(
      () => Promise.resolve(nothing),
      () => Promise.reject(new Error('The table is away.')),
    );
    await expect(handler(streamOf(good, undefined))).rejects.toThrow('away');
  });

  it('logs keys and reasons, nothing of what a record holds', async () => {
    const { handler } = follower({ retry: undefined, refused: [{ position: '0', reason: 'TooLarge' }] });
    await handler(streamOf(good, marshall({ pk, outbox: { event: { ...event, type: 'X' } } })));
    const logged = JSON.stringify(quiet.map((spy) => spy.mock.calls));
    expect(logged).toContain(pk);
    expect(logged).not.toContain('Zulfiya');
  });
});
