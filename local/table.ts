import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { clientFor } from './project.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const IndexSchema = z.object({
  IndexName: z.string(),
  KeySchema,
  Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
});
const TableSchema = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema,
  GlobalSecondaryIndexes: z.array(IndexSchema).default([]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }),
  StreamSpecification: z.object({
    StreamViewType: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']),
  }),
});
type TableProperties = z.infer<typeof TableSchema>;

const describe = async (client: DynamoDBClient, name: string): Promise<TableDescription | undefined> => {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

const create = async (client: DynamoDBClient, name: string, properties: TableProperties): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
      StreamSpecification: { StreamEnabled: true, ...properties.StreamSpecification },
    }),
  );
};

/** One index at a time, as DynamoDB wants it; each is filled from what the table holds. */
const addMissingIndexes = async (
  client: DynamoDBClient,
  table: TableDescription,
  properties: TableProperties,
): Promise<void> => {
  const present = new Set(table.GlobalSecondaryIndexes?.map((index) => index.IndexName));
  for (const index of properties.GlobalSecondaryIndexes.filter(({ IndexName }) => !present.has(IndexName))) {
    const { AttributeDefinitions } = properties;
    await client.send(
      new UpdateTableCommand({
        TableName: table.TableName,
        AttributeDefinitions,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
    while (await isChanging(client, table.TableName)) await sleep(100);
  }
};

const isChanging = async (client: DynamoDBClient, name = ''): Promise<boolean> => {
  const indexes = (await describe(client, name))?.GlobalSecondaryIndexes ?? [];
  return indexes.some((index) => index.IndexStatus !== 'ACTIVE');
};

const enableTimeToLive = async (client: DynamoDBClient, name: string, properties: TableProperties): Promise<void> => {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  const { TimeToLiveSpecification } = properties;
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
};

/** The tables' names, which are known before the tables are there. */
export const nameTables = (deployment: Deployment): void => {
  for (const { id } of deployment.resources('AWS::DynamoDB::Table')) {
    deployment.add(id, { ref: deployment.nameOf(id), attributes: {} });
  }
};

/** Makes the tables what `resources` says, whether they are new or an earlier run's. */
export const deployTables = async (deployment: Deployment, endpoint: string): Promise<void> => {
  const client = new DynamoDBClient(clientFor(endpoint));
  for (const { id, properties } of deployment.resources('AWS::DynamoDB::Table')) {
    const { ref: name } = deployment.get(id);
    const wanted = TableSchema.parse(deployment.evaluate(properties));
    const before = await describe(client, name);
    if (before === undefined) await create(client, name, wanted);
    else await addMissingIndexes(client, before, wanted);
    await enableTimeToLive(client, name, wanted);
    const { TableArn = '', LatestStreamArn = '' } = (await describe(client, name)) ?? {};
    deployment.add(id, { ref: name, attributes: { Arn: TableArn, StreamArn: LatestStreamArn } });
  }
  client.destroy();
};
