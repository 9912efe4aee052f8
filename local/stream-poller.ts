import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { setTimeout as sleep } from 'node:timers/promises';
import { matches, type Pattern } from './event-pattern.ts';
import type { Invoke, WhenUp } from './invoke.ts';
import { clientFor, type Log } from './project.ts';
import { deliverRecords, type StreamTarget } from './stream-delivery.ts';
import { StreamPosition } from './stream-position.ts';
import { sequenceNumberOf, toLambdaRecord } from './stream-record.ts';

const IDLE_MS = 75;
const RETRY_MS = 250;
const LOOK_FOR_SHARDS_MS = 10_000;

export interface Poller {
  stop(): Promise<void>;
}

export interface StreamPollerOptions {
  readonly endpoint: string;
  readonly streamArn: string;
  readonly target: StreamTarget;
  readonly filterPatterns: readonly Pattern[];
  /** Where the position is kept. */
  readonly positionFile: string;
  readonly invoke: Invoke;
  readonly whenUp: WhenUp;
  readonly log: Log;
}

class StreamPoller implements Poller {
  readonly #options: StreamPollerOptions;
  readonly #client: DynamoDBStreamsClient;
  readonly #position: StreamPosition;
  readonly #stopping = new AbortController();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #running: Promise<void>;

  constructor(options: StreamPollerOptions) {
    this.#options = options;
    this.#client = new DynamoDBStreamsClient({ ...clientFor(options.endpoint), maxAttempts: 1 });
    this.#position = new StreamPosition(options.positionFile, options.streamArn);
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#client.destroy();
  }

  #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Reads every shard whose parent is done; a shard that ends makes room for its children. */
  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        for (const shardId of await this.#readableShards()) this.#reading.set(shardId, this.#read(shardId));
        await Promise.race([...this.#reading.values(), this.#rest(LOOK_FOR_SHARDS_MS)]);
      } catch (error) {
        // The table may be away for a while; the position stays.
        if (!this.#isStopped()) this.#options.log(`stream: ${String(error)}`);
        await this.#rest(RETRY_MS);
      }
    }
    await Promise.allSettled(this.#reading.values());
  }

  async #readableShards(): Promise<string[]> {
    const shards = await this.#listShards();
    const ids = new Set(shards.flatMap(({ ShardId }) => ShardId ?? []));
    this.#position.keepOnly(ids);
    const waitsFor = (parent: string | undefined) =>
      parent !== undefined && ids.has(parent) && !this.#position.isDone(parent);
    return shards
      .filter(({ ParentShardId }) => !waitsFor(ParentShardId))
      .flatMap(({ ShardId }) => ShardId ?? [])
      .filter((shardId) => !this.#position.isDone(shardId) && !this.#reading.has(shardId));
  }

  async #listShards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let after: string | undefined;
    do {
      const page = await this.#client.send(
        new DescribeStreamCommand({ StreamArn: this.#options.streamArn, ExclusiveStartShardId: after }),
      );
      shards.push(...(page.StreamDescription?.Shards ?? []));
      after = page.StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
    return shards;
  }

  async #read(shardId: string): Promise<void> {
    try {
      let iterator = await this.#iterator(shardId);
      while (iterator !== undefined && !this.#isStopped()) {
        const page = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator }));
        const records = (page.Records ?? []).map((record) => toLambdaRecord(record, this.#options.streamArn));
        if (records.length === 0) await this.#rest(IDLE_MS);
        else if (!(await this.#deliver(shardId, records))) return;
        iterator = page.NextShardIterator;
      }
      if (iterator === undefined) this.#position.finish(shardId);
    } finally {
      this.#reading.delete(shardId);
    }
  }

  async #deliver(shardId: string, records: ReturnType<typeof toLambdaRecord>[]): Promise<boolean> {
    const { target, filterPatterns, invoke, whenUp, log } = this.#options;
    const wanted = records.filter(
      (record) => filterPatterns.length === 0 || filterPatterns.some((pattern) => matches(pattern, record)),
    );
    const done = await deliverRecords(wanted, {
      target,
      invoke,
      whenUp,
      log,
      signal: this.#stopping.signal,
      onDone: (sequenceNumber) => this.#position.advance(shardId, sequenceNumber),
    });
    const last = records.at(-1);
    if (done && last !== undefined) this.#position.advance(shardId, sequenceNumberOf(last));
    return done;
  }

  async #iterator(shardId: string): Promise<string | undefined> {
    const after = this.#position.after(shardId);
    const from = { StreamArn: this.#options.streamArn, ShardId: shardId };
    const horizon = new GetShardIteratorCommand({ ...from, ShardIteratorType: 'TRIM_HORIZON' });
    if (after === undefined) return (await this.#client.send(horizon)).ShardIterator;
    try {
      const next = new GetShardIteratorCommand({
        ...from,
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        SequenceNumber: after,
      });
      return (await this.#client.send(next)).ShardIterator;
    } catch (error) {
      // The stream keeps a day: what lies between is gone, what is left is read.
      if (error instanceof TrimmedDataAccessException) return (await this.#client.send(horizon)).ShardIterator;
      throw error;
    }
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** Hands a stream's records to a function as Lambda's event source mapping does, from where it last came to. */
export const startStreamPoller = (options: StreamPollerOptions): Poller => new StreamPoller(options);
