import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { parse } from 'yaml';
import * as z from 'zod';
import { classOf } from './classes.ts';
import { type Definition, readDefinitions } from './definitions.ts';

const root = join(import.meta.dirname, '..');

/** What a role must allow for each command of the SDK. A transaction is allowed by the actions of its steps. */
const actionsOfCommands: Readonly<Record<string, readonly string[]>> = {
  BatchGetCommand: ['dynamodb:BatchGetItem'],
  BatchWriteCommand: ['dynamodb:BatchWriteItem'],
  GetCommand: ['dynamodb:GetItem'],
  QueryCommand: ['dynamodb:Query'],
  TransactGetCommand: ['dynamodb:GetItem'],
  TransactWriteCommand: [],
  UpdateCommand: ['dynamodb:UpdateItem'],
  ChangeMessageVisibilityCommand: ['sqs:ChangeMessageVisibility'],
  GetQueueAttributesCommand: ['sqs:GetQueueAttributes'],
  SendMessageCommand: ['sqs:SendMessage'],
  SendMessageBatchCommand: ['sqs:SendMessage'],
  PostToConnectionCommand: ['execute-api:ManageConnections'],
  DeleteConnectionCommand: ['execute-api:ManageConnections'],
  DescribeEventBusCommand: ['events:DescribeEventBus'],
  PutEventsCommand: ['events:PutEvents'],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  CopyObjectCommand: ['s3:GetObject', 's3:PutObject'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  DeleteObjectCommand: ['s3:DeleteObject'],
  GetObjectCommand: ['s3:GetObject'],
  HeadObjectCommand: ['s3:GetObject'],
  ListObjectsV2Command: ['s3:ListBucket'],
  PutObjectCommand: ['s3:PutObject'],
  UploadPartCommand: ['s3:PutObject'],
  EncryptCommand: ['kms:Encrypt'],
  DecryptCommand: ['kms:Decrypt'],
  GenerateMacCommand: ['kms:GenerateMac'],
};

const actionsOfSteps: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

/** What Lambda itself does in the function's name to feed it. */
const actionsOfEvents: Readonly<Record<string, readonly string[]>> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  sqs: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html, and the bucket for
  // what it gives up on: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
  stream: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    's3:PutObject',
    's3:ListBucket',
  ],
  httpApi: [],
  schedule: [],
  websocket: [],
};

/** All that these functions can reach, in one file: what they import and do not use is gone. */
const bundle = async (definitions: readonly Definition[]): Promise<string> => {
  const entries = definitions.map(({ handler }) => `./${handler.replace(/\.handler$/, '.ts')}`);
  const contents = entries.map((path, at) => `export { handler as handler${at} } from '${path}';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

const known = <Value>(table: Readonly<Record<string, Value>>, name: string): Value => {
  const found = table[name];
  if (found === undefined) throw new Error(`Say which actions ${name} needs.`);
  return found;
};

const needsOf = async (definitions: readonly Definition[]) => {
  const code = await bundle(definitions);
  const events = definitions.flatMap((definition) => definition.events.flatMap((event) => Object.keys(event)));
  const actions = [
    ...matches(code, /\bnew (\w+Command)\(/g).flatMap((name) => known(actionsOfCommands, name)),
    // Who tells a missing object from a forbidden one has to be allowed to know.
    ...(/\binstanceof NoSuchKey\b/.test(code) ? ['s3:ListBucket'] : []),
    ...matches(code, /\b(Put|Update|Delete|ConditionCheck): \{/g).map((name) => known(actionsOfSteps, name)),
    ...events.flatMap((name) => known(actionsOfEvents, name)),
  ];
  return { actions: new Set(actions), indexes: new Set(matches(code, /"(gsi\d)"/g)) };
};

const RolesSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Properties: z.object({
        Policies: z.array(
          z.object({
            PolicyDocument: z.object({
              Statement: z.array(z.object({ Action: z.array(z.string()), Resource: z.unknown() })),
            }),
          }),
        ),
      }),
    }),
  ),
});

const roles = RolesSchema.parse(parse(readFileSync(join(root, 'resources', 'roles.yml'), 'utf8'))).Resources;

const rightsOf = (name: string) => {
  const role = roles[`${name.charAt(0).toUpperCase()}${name.slice(1)}Role`];
  const statements = role?.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement) ?? [];
  const actions = statements.flatMap(({ Action }) => Action).filter((action) => !/^(logs|xray):/.test(action));
  return { actions: new Set(actions), indexes: new Set(matches(JSON.stringify(statements), /\/index\/(\w+)/g)) };
};

describe('the role of a class', () => {
  const classes = Map.groupBy(readDefinitions(root), ({ area }) => classOf(area).name);

  it.each([...classes])('allows what the functions of %s do, and nothing else', async (name, definitions) => {
    expect(rightsOf(name)).toEqual(await needsOf(definitions));
  });

  it('is there for every class, and for nothing else', () => {
    expect(Object.keys(roles)).toHaveLength(classes.size);
  });
});
