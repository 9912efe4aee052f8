import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { HOST } from './ports.ts';
import { ACCOUNT, clientFor, REGION } from './project.ts';
import { withS3Manners } from './s3-manners.ts';

export interface QueueServer {
  readonly url: string;
  stop(): Promise<void>;
}

const EVERYWHERE = '0.0.0.0';
// `custom` hands the very object on, which is what is changed.
const ListenSchema = z.object({
  options: z.custom<{ host: string }>(
    (options) => z.object({ host: z.literal(EVERYWHERE) }).safeParse(options).success,
  ),
});

/** fauxqs listens on all interfaces and has no option against it: the address is changed as it starts to listen. */
const onLoopback = async <Result>(start: () => Promise<Result>): Promise<Result> => {
  const channel = 'tracing:net.server.listen:asyncStart';
  const redirect = (message: unknown) => {
    const listening = ListenSchema.safeParse(message);
    if (listening.success) listening.data.options.host = HOST;
  };
  subscribe(channel, redirect);
  try {
    return await start();
  } finally {
    unsubscribe(channel, redirect);
  }
};

/** SQS and S3 on one port; with a directory everything survives a restart, without one nothing does. */
export const startQueueServer = async (port: number, directory?: string): Promise<QueueServer> => {
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const server = await withS3Manners(() =>
    onLoopback(() =>
      startFauxqs({
        port,
        logger: false,
        defaultRegion: REGION,
        ...(directory === undefined ? {} : { dataDir: directory }),
      }),
    ),
  );
  if (new URL(server.address).hostname !== HOST) {
    await server.stop();
    throw new Error(`fauxqs listens on ${server.address}, not on ${HOST} only`);
  }
  return { url: `http://${HOST}:${port}`, stop: () => server.stop() };
};

const QueueSchema = z.looseObject({ FifoQueue: z.boolean().optional(), RedrivePolicy: z.unknown().optional() });

export const queueArn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

/** The API wants every attribute as text, the redrive policy as JSON in text. */
const toAttributes = (properties: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

/** Of what `resources` uses, what fauxqs lets an existing queue change. */
const CHANGEABLE = new Set([
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'RedrivePolicy',
  'DelaySeconds',
  'MaximumMessageSize',
]);

const ensureQueue = async (client: SQSClient, name: string, attributes: Record<string, string>): Promise<string> => {
  try {
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    const Attributes = Object.fromEntries(
      Object.entries(attributes).filter(([attribute]) => CHANGEABLE.has(attribute)),
    );
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    return QueueUrl;
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return QueueUrl;
  }
};

/** Makes the queues what `resources` says, whether they are new or an earlier run's. */
export const deployQueues = async (deployment: Deployment, endpoint: string): Promise<void> => {
  const client = new SQSClient(clientFor(endpoint));
  const queues = deployment.resources('AWS::SQS::Queue').map(({ id, properties }) => {
    const { FifoQueue } = QueueSchema.parse(properties);
    const name = `${deployment.nameOf(id)}${FifoQueue === true ? '.fifo' : ''}`;
    return { id, name, properties };
  });
  // Redrive policies name other queues, whose ARNs are known before they exist.
  for (const { id, name } of queues) deployment.add(id, { ref: '', attributes: { Arn: queueArn(name) } });
  for (const { id, name, properties } of queues) {
    const attributes = toAttributes(QueueSchema.parse(deployment.evaluate(properties)));
    const ref = await ensureQueue(client, name, attributes);
    deployment.add(id, { ref, attributes: { Arn: queueArn(name), QueueName: name } });
  }
  client.destroy();
};

/** Makes the buckets of `resources`. Their policies and lifecycles mean nothing on one machine. */
export const deployBuckets = async (deployment: Deployment, endpoint: string): Promise<void> => {
  const client = new S3Client({ ...clientFor(endpoint), forcePathStyle: true });
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  const present = new Set(Buckets.map(({ Name }) => Name));
  for (const { id } of deployment.resources('AWS::S3::Bucket')) {
    const name = deployment.nameOf(id).toLowerCase();
    if (!present.has(name)) await client.send(new CreateBucketCommand({ Bucket: name }));
    deployment.add(id, { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } });
  }
  client.destroy();
};
