import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failedItems, type Invoke, type WhenUp } from './invoke.ts';
import { clientFor, type Log } from './project.ts';
import { toLambdaRecord } from './queue-record.ts';
import type { Poller } from './stream-poller.ts';

/** The most that one receive gives, and the longest it waits. */
const RECEIVE_LIMIT = 10;
const WAIT_SECONDS = 20;
const RETRY_MS = 250;

interface QueueTarget {
  readonly functionName: string;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly reportsPartially: boolean;
}

export interface QueuePollerOptions {
  readonly endpoint: string;
  readonly queue: { readonly url: string; readonly arn: string };
  readonly target: QueueTarget;
  readonly invoke: Invoke;
  readonly whenUp: WhenUp;
  readonly log: Log;
}

const inBatches = (messages: readonly Message[], size: number): Message[][] =>
  Array.from({ length: Math.ceil(messages.length / size) }, (_, index) =>
    messages.slice(index * size, (index + 1) * size),
  );

const groupOf = (message: Message): string => message.Attributes?.MessageGroupId ?? '';

class QueuePoller implements Poller {
  readonly #options: QueuePollerOptions;
  readonly #client: SQSClient;
  readonly #ordered: boolean;
  readonly #stopping = new AbortController();
  readonly #delivering = new Set<Promise<void>>();
  readonly #running: Promise<void>;

  constructor(options: QueuePollerOptions) {
    this.#options = options;
    this.#client = new SQSClient({ ...clientFor(options.endpoint), maxAttempts: 1 });
    this.#ordered = options.queue.arn.endsWith('.fifo');
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.allSettled(this.#delivering);
    this.#client.destroy();
  }

  #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { whenUp, target, log } = this.#options;
    while (!this.#isStopped()) {
      try {
        await whenUp(this.#stopping.signal);
        while (this.#delivering.size >= target.concurrency) await Promise.race(this.#delivering);
        for (const chain of this.#chains(await this.#receive())) this.#start(chain);
      } catch (error) {
        if (this.#isStopped()) return;
        log(`queue: ${String(error)}`);
        await sleep(RETRY_MS);
      }
    }
  }

  async #receive(): Promise<Message[]> {
    const { queue, target } = this.#options;
    const room = target.concurrency - this.#delivering.size;
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: Math.min(RECEIVE_LIMIT, this.#ordered ? room * target.batchSize : target.batchSize),
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: this.#stopping.signal },
    );
    return Messages;
  }

  /** What must go one after the other: a FIFO queue's groups, one batch of a standard queue. */
  #chains(messages: readonly Message[]): Message[][][] {
    const { batchSize } = this.#options.target;
    if (!this.#ordered) return inBatches(messages, batchSize).map((batch) => [batch]);
    return Object.values(Object.groupBy(messages, groupOf)).map((group = []) => inBatches(group, batchSize));
  }

  #start(chain: readonly Message[][]): void {
    const delivering = this.#deliverChain(chain)
      .catch((error: unknown) => this.#options.log(`queue: ${String(error)}`))
      .finally(() => this.#delivering.delete(delivering));
    this.#delivering.add(delivering);
  }

  /** After a batch that did not go well, the rest of its group waits for it. */
  async #deliverChain(chain: readonly Message[][]): Promise<void> {
    for (const [index, batch] of chain.entries()) {
      const outcome = await this.#deliver(batch);
      if (outcome === 'done') continue;
      const waiting = outcome === 'unreachable' ? chain.slice(index) : chain.slice(index + 1);
      await this.#handBack(waiting.flat());
      return;
    }
  }

  async #deliver(batch: readonly Message[]): Promise<'done' | 'failed' | 'unreachable'> {
    const { queue, target, invoke, log } = this.#options;
    const records = batch.map((message) => toLambdaRecord(message, queue.arn));
    const invocation = await invoke(target.functionName, { Records: records });
    if (invocation.kind === 'unreachable') return 'unreachable';
    if (invocation.kind === 'failed') log(`queue: ${target.functionName} failed: ${invocation.reason}`);
    const identifiers = batch.flatMap(({ MessageId }) => MessageId ?? []);
    const failed = failedItems(invocation, identifiers, target.reportsPartially);
    const firstFailed = batch.findIndex(({ MessageId = '' }) => failed.has(MessageId));
    const kept =
      this.#ordered && firstFailed >= 0
        ? batch.slice(firstFailed)
        : batch.filter(({ MessageId = '' }) => failed.has(MessageId));
    await this.#delete(batch.filter((message) => !kept.includes(message)));
    return kept.length === 0 ? 'done' : 'failed';
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await this.#client.send(
      new DeleteMessageBatchCommand({ QueueUrl: this.#options.queue.url, Entries }),
    );
    for (const { Message: reason } of Failed) this.#options.log(`queue: a message was not deleted: ${reason ?? ''}`);
  }

  /** Shows messages that no function saw to the next receive at once, in their order. */
  async #handBack(messages: readonly Message[]): Promise<void> {
    for (const batch of inBatches(messages.toReversed(), RECEIVE_LIMIT)) {
      const Entries = batch.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#options.queue.url, Entries }));
    }
  }
}

/** Hands a queue's messages to a function as Lambda's event source mapping does, and deletes what went well. */
export const startQueuePoller = (options: QueuePollerOptions): Poller => new QueuePoller(options);
