import { DynamoDBClient, DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, startServer, type LocalServer } from '../../local/http-server.ts';
import { clientFor } from '../../local/project.ts';

const IDLE_MS = 50;

/**
 * Follows a table's stream and remembers under which partition keys anything was ever written, tenant by tenant: so that a
 * test can look at all that there is of its tenant without going over what all other tests have written.
 */
class WrittenKeys {
  readonly #streams: DynamoDBStreamsClient;
  readonly #table: DynamoDBClient;
  readonly #tableName: string;
  readonly #byTenant = new Map<string, Set<string>>();
  readonly #awaited = new Map<string, () => void>();
  readonly #read = new Set<string>();

  constructor(endpoint: string, tableName: string) {
    this.#streams = new DynamoDBStreamsClient(clientFor(endpoint));
    this.#table = new DynamoDBClient(clientFor(endpoint));
    this.#tableName = tableName;
    void this.#follow();
  }

  /** What was written before this was asked is among it. */
  async of(tenant: string): Promise<string[]> {
    const mark = `MARK#${randomUUID()}`;
    const seen = Promise.withResolvers<undefined>();
    this.#awaited.set(mark, () => {
      seen.resolve(undefined);
    });
    await this.#table.send(
      new PutItemCommand({ TableName: this.#tableName, Item: { pk: { S: mark }, sk: { S: 'MARK' } } }),
    );
    await seen.promise;
    return [...(this.#byTenant.get(tenant) ?? [])];
  }

  async #follow(): Promise<never> {
    for (;;) {
      // The table may be away for a while.
      await this.#readNewShards().catch(() => undefined);
      await sleep(IDLE_MS);
    }
  }

  async #readNewShards(): Promise<void> {
    const { Table } = await this.#table.send(new DescribeTableCommand({ TableName: this.#tableName }));
    const StreamArn = Table?.LatestStreamArn;
    const { StreamDescription } = await this.#streams.send(new DescribeStreamCommand({ StreamArn }));
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      if (ShardId === undefined || this.#read.has(ShardId)) continue;
      const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
      const { ShardIterator } = await this.#streams.send(new GetShardIteratorCommand(from));
      await this.#readShard(ShardIterator);
      this.#read.add(ShardId);
    }
  }

  async #readShard(first: string | undefined): Promise<void> {
    for (let iterator = first; iterator !== undefined;) {
      const { Records = [], NextShardIterator } = await this.#streams.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      for (const { dynamodb } of Records) this.#note(dynamodb?.Keys?.pk?.S ?? '');
      if (Records.length === 0) await sleep(IDLE_MS);
      iterator = NextShardIterator;
    }
  }

  #note(pk: string): void {
    this.#awaited.get(pk)?.();
    this.#awaited.delete(pk);
    const tenant = /^T#([^#]+)#/.exec(pk)?.[1];
    if (tenant === undefined) return;
    const keys = this.#byTenant.get(tenant) ?? new Set();
    this.#byTenant.set(tenant, keys.add(pk));
  }
}

/** GET /<tenant>: the partition keys under which there is, or was, anything of it. */
export const serveWrittenKeys = (endpoint: string, tableName: string): Promise<LocalServer> => {
  const keys = new WrittenKeys(endpoint, tableName);
  return startServer(0, async (request, response) => {
    answer(response, 200, await keys.of((request.url ?? '').slice(1)));
  });
};
