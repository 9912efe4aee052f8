import { randomUUID } from 'node:crypto';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { sharedUrls } from '../test/support/client.ts';
import { Deployment } from './deployment.ts';
import { clientFor } from './project.ts';
import { deployTables, nameTables } from './table.ts';

const { dynamodb } = sharedUrls();
const client = new DynamoDBClient(clientFor(dynamodb));
afterAll(() => client.destroy());

const keys = (name: string) => [{ AttributeName: name, KeyType: 'HASH' }];

const deploy = async (service: string, indexes: readonly string[]): Promise<Deployment> => {
  const properties = {
    AttributeDefinitions: ['pk', ...indexes].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: keys('pk'),
    GlobalSecondaryIndexes: indexes.map((name) => ({
      IndexName: `by-${name}`,
      KeySchema: keys(name),
      Projection: { ProjectionType: 'ALL' },
    })),
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  };
  const resources = [{ id: 'Table', type: 'AWS::DynamoDB::Table', properties }];
  const deployment = new Deployment({ service, timings: {}, resources, functions: [], environment: {} });
  nameTables(deployment);
  await deployTables(deployment, dynamodb);
  return deployment;
};

it('makes a table with stream and expiry, and leaves it alone the next time', async () => {
  const service = `table-${randomUUID()}`;
  const first = (await deploy(service, ['email'])).get('Table');
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: first.ref }));
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
  expect(first.attributes.StreamArn).toContain('/stream/');
  expect((await deploy(service, ['email'])).get('Table')).toEqual(first);
});

it('gives a table of an earlier run the indexes it lacks, with what the table holds', async () => {
  const service = `table-${randomUUID()}`;
  const { ref: TableName } = (await deploy(service, ['email'])).get('Table');
  await client.send(
    new PutItemCommand({ TableName, Item: { pk: { S: '1' }, email: { S: 'ana' }, phone: { S: '+1' } } }),
  );
  await deploy(service, ['email', 'phone']);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual(['by-email', 'by-phone']);
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-phone',
      KeyConditionExpression: 'phone = :phone',
      ExpressionAttributeValues: { ':phone': { S: '+1' } },
    }),
  );
  expect(Items).toHaveLength(1);
});
