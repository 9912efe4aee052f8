import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { eventually } from '../test/support/client.ts';
import { answer, readBody, startServer, type LocalServer } from './http-server.ts';
import type { Invoke } from './invoke.ts';
import { startStreamPoller } from './stream-poller.ts';

const RequestSchema = z.looseObject({ ShardId: z.string().optional(), ShardIterator: z.string().optional() });

const record = (sequenceNumber: string) => ({
  eventID: sequenceNumber,
  eventName: 'INSERT',
  eventVersion: '1.1',
  dynamodb: { Keys: { pk: { S: sequenceNumber } }, SequenceNumber: sequenceNumber },
});

const PAGES: Readonly<Record<string, unknown>> = {
  'parent-0': { Records: [record('1'), record('2')], NextShardIterator: 'parent-1' },
  'parent-1': { Records: [record('3')] },
  'child-0': { Records: [record('4')], NextShardIterator: 'child-1' },
  'child-1': { Records: [], NextShardIterator: 'child-1' },
};

// The emulator rolls its shards over every four hours, which is too long for a test: this plays a stream whose
// first shard is closed and has a child, which is listed first.
const startRolledOverStream = (asked: string[]): Promise<LocalServer> =>
  startServer(0, async (request, response) => {
    const { ShardId, ShardIterator } = RequestSchema.parse(JSON.parse((await readBody(request)).toString()));
    const Shards = [
      { ShardId: 'child', ParentShardId: 'parent' },
      { ShardId: 'parent', ParentShardId: 'trimmed' },
    ];
    const page: unknown = PAGES[ShardIterator ?? ''];
    const target = request.headers['x-amz-target'];
    if (target === 'DynamoDBStreams_20120810.DescribeStream') {
      answer(response, 200, { StreamDescription: { Shards } });
    } else if (target === 'DynamoDBStreams_20120810.GetShardIterator') {
      asked.push(ShardId ?? '');
      answer(response, 200, { ShardIterator: `${ShardId ?? ''}-0` });
    } else {
      answer(response, 200, page);
    }
  });

const EventSchema = z.object({ Records: z.array(z.object({ eventID: z.string() })) });

it('reads a shard only after its parent, and a finished one never again', async () => {
  const asked: string[] = [];
  const server = await startRolledOverStream(asked);
  const received: string[] = [];
  const invoke: Invoke = (_, event) => {
    received.push(...EventSchema.parse(event).Records.map(({ eventID }) => eventID));
    return Promise.resolve({ kind: 'returned', payload: null });
  };
  const start = (positionFile: string) =>
    startStreamPoller({
      endpoint: server.url,
      streamArn: 'arn:aws:dynamodb:local:000000000000:table/rolled/stream/now',
      target: { functionName: 'test', batchSize: 100, reportsPartially: true, bisects: false },
      filterPatterns: [],
      positionFile,
      invoke,
      whenUp: () => Promise.resolve(),
      log: () => undefined,
    });
  const positionFile = join(mkdtempSync(join(tmpdir(), 'stream-shards-')), 'position.json');
  const first = start(positionFile);
  await eventually(() => expect(received).toEqual(['1', '2', '3', '4']));
  await first.stop();
  expect(asked).toEqual(['parent', 'child']);

  const second = start(positionFile);
  await eventually(() => expect(asked).toEqual(['parent', 'child', 'child']));
  await second.stop();
  await server.stop();
});
