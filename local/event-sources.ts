import { join } from 'node:path';
import type { Definitions, QueueEvent, StreamEvent } from './definitions.ts';
import type { Deployment } from './deployment.ts';
import type { Invoke, WhenUp } from './invoke.ts';
import type { Log } from './project.ts';
import { startQueuePoller } from './queue-poller.ts';
import { startSchedule } from './schedule.ts';
import { startStreamPoller, type Poller } from './stream-poller.ts';

export interface EventSourcesOptions {
  readonly definitions: Definitions;
  readonly deployment: Deployment;
  readonly endpoints: { readonly dynamodb: string; readonly queues: string };
  /** Where stream positions are kept. */
  readonly directory: string;
  readonly scheduleSeconds: number;
  readonly invoke: Invoke;
  readonly whenUp: WhenUp;
  readonly log: Log;
}

const pollStream = (functionName: string, event: StreamEvent, options: EventSourcesOptions): Poller =>
  startStreamPoller({
    ...options,
    endpoint: options.endpoints.dynamodb,
    streamArn: String(options.deployment.evaluate(event.arn)),
    filterPatterns: event.filterPatterns,
    positionFile: join(options.directory, `stream-position-${functionName}.json`),
    target: {
      functionName,
      batchSize: event.batchSize,
      reportsPartially: event.functionResponseType !== undefined,
      bisects: event.bisectBatchOnFunctionError,
    },
  });

const pollQueue = (functionName: string, event: QueueEvent, options: EventSourcesOptions): Poller => {
  const arn = String(options.deployment.evaluate(event.arn));
  const queue = options.deployment
    .resources('AWS::SQS::Queue')
    .map(({ id }) => options.deployment.get(id))
    .find(({ attributes }) => attributes.Arn === arn);
  if (queue === undefined) throw new Error(`functions: ${functionName} reads a queue that is not in resources`);
  return startQueuePoller({
    ...options,
    endpoint: options.endpoints.queues,
    queue: { url: queue.ref, arn },
    target: {
      functionName,
      batchSize: event.batchSize,
      concurrency: event.maximumConcurrency,
      reportsPartially: event.functionResponseType !== undefined,
    },
  });
};

/** Everything of `functions/<area>/functions.yml` that is not called over HTTP. */
export const startEventSources = (options: EventSourcesOptions): Poller[] =>
  options.definitions.functions.flatMap(({ name, events }) =>
    events.flatMap(({ stream, sqs, schedule }) => [
      ...(stream === undefined ? [] : [pollStream(name, stream, options)]),
      ...(sqs === undefined ? [] : [pollQueue(name, sqs, options)]),
      ...(schedule === undefined
        ? []
        : [startSchedule({ ...options, functionName: name, everySeconds: options.scheduleSeconds })]),
    ]),
  );
