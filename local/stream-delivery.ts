import { setTimeout as sleep } from 'node:timers/promises';
import { failedItems, type Invoke, type WhenUp } from './invoke.ts';
import type { Log } from './project.ts';
import { sequenceNumberOf, type LambdaStreamRecord } from './stream-record.ts';

const LONGEST_PAUSE_MS = 1_000;

export interface StreamTarget {
  readonly functionName: string;
  readonly batchSize: number;
  readonly reportsPartially: boolean;
  readonly bisects: boolean;
}

interface Delivery {
  readonly target: StreamTarget;
  readonly invoke: Invoke;
  readonly whenUp: WhenUp;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told each time records up to and with this one are done. */
  readonly onDone: (sequenceNumber: string) => void;
}

const pause = (attempt: number): Promise<void> => sleep(Math.min(LONGEST_PAUSE_MS, 50 * 2 ** attempt));

/**
 * Hands a batch to the function until all of it is done, in order. A partial failure starts again from the first
 * record not done; an error halves the batch where that is asked for, so that one bad record stands alone.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 *
 * @returns whether it is done; false when we were stopped before
 */
const deliverBatch = async (batch: readonly LambdaStreamRecord[], delivery: Delivery): Promise<boolean> => {
  const { target, invoke, whenUp, log, signal, onDone } = delivery;
  let rest = batch;
  for (let attempt = 0; rest.length > 0; attempt += 1) {
    await whenUp(signal);
    if (signal.aborted) return false;
    const identifiers = rest.map(sequenceNumberOf);
    const invocation = await invoke(target.functionName, { Records: rest });
    const failed = failedItems(invocation, identifiers, target.reportsPartially);
    const firstFailed = identifiers.findIndex((identifier) => failed.has(identifier));
    const done = firstFailed < 0 ? rest.length : firstFailed;
    const last = identifiers[done - 1];
    if (last !== undefined) onDone(last);
    rest = rest.slice(done);
    if (rest.length === 0) return true;
    if (done > 0) attempt = 0;
    if (invocation.kind === 'failed') log(`stream: ${target.functionName} failed: ${invocation.reason}`);
    if (invocation.kind === 'failed' && target.bisects && rest.length > 1) return deliverHalves(rest, delivery);
    await pause(attempt);
  }
  return true;
};

const deliverHalves = async (batch: readonly LambdaStreamRecord[], delivery: Delivery): Promise<boolean> => {
  const middle = Math.ceil(batch.length / 2);
  return (await deliverBatch(batch.slice(0, middle), delivery)) && deliverBatch(batch.slice(middle), delivery);
};

/** Hands records over in batches, in order. */
export const deliverRecords = async (records: readonly LambdaStreamRecord[], delivery: Delivery): Promise<boolean> => {
  const { batchSize } = delivery.target;
  for (let start = 0; start < records.length; start += batchSize) {
    if (!(await deliverBatch(records.slice(start, start + batchSize), delivery))) return false;
  }
  return true;
};
