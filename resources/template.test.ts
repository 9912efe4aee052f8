import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { classOf } from './classes.ts';
import { readDefinitions } from './definitions.ts';
import { problemsIn } from './template-check.ts';
import { packagedTemplate, root, textOf } from './template-fixture.ts';

const { template, resource, resourcesOf } = packagedTemplate();

describe('the production template', () => {
  it('holds nothing that CloudFormation would refuse', () => {
    expect(problemsIn(template)).toEqual([]);
  });

  it('stays well below the limits of one stack', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(400);
    expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
  });

  it('defines every function of functions.yml, and no other', () => {
    const names = resourcesOf('AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
    const keys = readDefinitions(root).map(({ key }) => `parley-prod-${key}`);
    expect(names.toSorted()).toEqual(keys.toSorted());
  });

  it('runs each function on arm64 and Node 24, traced, with a role and a log group of its class', () => {
    const classes = [
      'api',
      'public',
      'webhooks',
      'senders',
      'stream',
      'subscribers',
      'workers',
      'fetchers',
      'notifiers',
      'callers',
      'runners',
      'sockets',
      'jobs',
    ];
    for (const [, { Properties }] of resourcesOf('AWS::Lambda::Function')) {
      const logGroup = textOf(Object.values(z.looseObject({}).parse(Properties.LoggingConfig))[0]);
      const name = logGroup.replace('/parley/prod/', '');
      expect(classes).toContain(name);
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        Role: { 'Fn::GetAtt': [`${name.charAt(0).toUpperCase()}${name.slice(1)}Role`, 'Arn'] },
      });
    }
  });

  it('keeps logs for a limited time', () => {
    const groups = resourcesOf('AWS::Logs::LogGroup');
    // One for each class, and one for API Gateway.
    const classes = new Set(readDefinitions(root).map(({ area }) => classOf(area).name));
    expect(groups).toHaveLength(classes.size + 1);
    for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toBe(30);
  });

  it('makes no versions of functions, and no route, integration or permission of its own but for WebSockets', () => {
    expect(resourcesOf('AWS::Lambda::Version')).toEqual([]);
    for (const type of ['AWS::ApiGatewayV2::Route', 'AWS::ApiGatewayV2::Integration']) {
      const apis = resourcesOf(type).map(([, { Properties }]) => Properties.ApiId);
      expect(apis).toEqual(Array(3).fill({ Ref: 'RealtimeApi' }));
    }
    expect(resourcesOf('AWS::Lambda::Permission').map(([id]) => id)).toEqual([
      'SettleDueLambdaPermissionEventsRuleSchedule1',
    ]);
  });

  it('takes every secret and address of a deployment as a parameter, secrets unseen', () => {
    const names = ['JwtIssuer', 'JwtAudience', 'JwksUri', 'PublicBaseUrl', 'CursorKey', 'CorsOrigins', 'LogLevel'];
    expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(names));
    expect(template.Parameters.CursorKey).toMatchObject({ NoEcho: true });
    expect(template.Parameters.CursorKey).not.toHaveProperty('Default');
  });

  it('lets a deployment say how many requests a user may make, 200 a second unless it does', () => {
    expect(template.Parameters.RequestsPerSecond).toMatchObject({ Type: 'Number', Default: 200 });
    for (const [, { Properties }] of resourcesOf('AWS::Lambda::Function')) {
      expect(Properties.Environment).toMatchObject({
        Variables: { REQUESTS_PER_SECOND: { Ref: 'RequestsPerSecond' } },
      });
    }
  });
});

describe('stored data', () => {
  it('is encrypted, and the table can be restored to any second', () => {
    expect(resource('Table').Properties).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      BillingMode: 'PAY_PER_REQUEST',
    });
    for (const [, { Properties }] of resourcesOf('AWS::S3::Bucket')) {
      expect(Properties).toHaveProperty('BucketEncryption');
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  it('outlives its stack', () => {
    for (const id of ['Table', 'UploadsBucket', 'StreamFailuresBucket', 'CredentialsKey']) {
      expect(resource(id)).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  it('passes through encrypted queues, each with dead letters of its own kind that an alarm watches', () => {
    const queues = resourcesOf('AWS::SQS::Queue');
    const deadLetters = queues.filter(([id]) => id.endsWith('DeadLetters'));
    expect(deadLetters).toHaveLength(queues.length / 2);
    for (const [id, { Properties }] of queues) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      if (id.endsWith('DeadLetters')) continue;
      const itsOwn = id.replace(/Queue$/, 'DeadLetters');
      expect(Properties.RedrivePolicy).toMatchObject({
        deadLetterTargetArn: { 'Fn::GetAtt': [itsOwn, 'Arn'] },
      });
      expect(resource(itsOwn).Properties.FifoQueue).toBe(Properties.FifoQueue);
      expect(resource(`${itsOwn}Alarm`).Type).toBe('AWS::CloudWatch::Alarm');
    }
  });
});

describe('records that the stream gave up on', () => {
  const mapping = 'PublishEventsEventSourceMappingDynamodbTable';

  it('are counted, which Lambda does only when asked, and raise an alarm', () => {
    expect(resource(mapping).Properties).toMatchObject({ MetricsConfig: { Metrics: ['EventCount'] } });
    const alarm = textOf(resource('StreamFailuresAlarm').Properties);
    for (const name of ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount']) expect(alarm).toContain(name);
    expect(alarm).toContain(textOf([{ Name: 'EventSourceMappingUUID', Value: { Ref: mapping } }]));
  });
});

describe('timings', () => {
  const columns = z
    .record(z.string(), z.record(z.string(), z.number()))
    .parse(parse(readFileSync(join(root, 'resources', 'timings.yml'), 'utf8')));

  it.each(['local', 'deployed'])('are in order on %s: provider call, function, lease, visibility', (column) => {
    const { provider = 0, function: timeout = 0, lease = 0, visibility = 0 } = columns[column] ?? {};
    expect([0, provider, timeout, lease, visibility]).toEqual([...new Set([0, provider, timeout, lease, visibility])]);
    expect([provider, timeout, lease, visibility]).toEqual(
      [provider, timeout, lease, visibility].toSorted((a, b) => a - b),
    );
  });

  it('reach the senders and every queue that a function reads', () => {
    const { provider, function: timeout, lease, visibility } = columns.deployed ?? {};
    expect(resource('SendTwilioLambdaFunction').Properties).toMatchObject({
      Timeout: timeout,
      Environment: { Variables: { PROVIDER_TIMEOUT_SECONDS: `${provider ?? ''}`, LEASE_SECONDS: `${lease ?? ''}` } },
    });
    const read = resourcesOf('AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => textOf(Properties.EventSourceArn))
      .filter((arn) => !arn.includes('StreamArn'));
    const sources = readDefinitions(root).flatMap(({ events }) => events.filter((event) => 'sqs' in event));
    expect(read).toHaveLength(sources.length);
    for (const [id, { Properties }] of resourcesOf('AWS::SQS::Queue')) {
      if (read.some((arn) => arn.includes(`"${id}"`))) expect(Properties.VisibilityTimeout).toBe(visibility);
    }
  });

  it('leave time to give a chat to somebody before others are told of it', () => {
    expect(resource('NotificationQueue').Properties.DelaySeconds).toBeGreaterThan(0);
  });
});
