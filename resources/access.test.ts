import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { routeKey } from '../lib/table/keys.ts';
import { classOf } from './classes.ts';
import { readDefinitions } from './definitions.ts';
import { packagedTemplate, root, textOf } from './template-fixture.ts';
import type { Resource } from './template.ts';

const { resource, resourcesOf } = packagedTemplate();

const StatementSchema = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string(), z.array(z.string())]).transform((actions) => [actions].flat()),
  Resource: z.unknown().transform((resources) => [resources].flat()),
});
const PolicySchema = z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(StatementSchema) }) });
const RoleSchema = z.looseObject({ Policies: z.array(PolicySchema) });

const statementsOf = (role: Resource) =>
  RoleSchema.parse(role.Properties).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

describe('roles', () => {
  const allowed = () =>
    resourcesOf('AWS::IAM::Role').flatMap(([id, role]) =>
      statementsOf(role).map((statement) => ({ id, ...statement })),
    );

  it('name their actions and resources; only X-Ray, which has none to name, is `*`', () => {
    expect(allowed().length).toBeGreaterThan(30);
    for (const { Action, Resource } of allowed()) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      if (Action.every((action) => action.startsWith('xray:'))) continue;
      // Objects of a named bucket are the one thing that cannot be listed ahead.
      const wide = Resource.map(textOf).filter((text) =>
        text.replace(/(Bucket\.Arn\}(\/payloads)?)\/\*"/, '$1"').includes('*'),
      );
      expect(wide).toEqual([]);
    }
  });

  it('cannot scan the table', () => {
    expect(allowed().flatMap(({ Action }) => Action)).not.toContain('dynamodb:Scan');
  });

  it('keep strangers to the one key that a health check reads', () => {
    const reads = allowed().filter(({ id, Action }) => id === 'PublicRole' && textOf(Action).includes('dynamodb:'));
    expect(reads).toMatchObject([
      {
        Action: ['dynamodb:GetItem'],
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [routeKey('health').pk] } },
      },
    ]);
  });

  it('keep payloads in their own folder of the bucket', () => {
    const uploads = allowed().filter(({ Resource }) => textOf(Resource).includes('UploadsBucket'));
    expect(uploads.map(({ id }) => id).toSorted()).toEqual(['StreamRole', 'WebhooksRole', 'WorkersRole']);
    for (const { Action, Resource } of uploads) {
      expect(Action).toEqual(['s3:PutObject']);
      expect(Resource).toEqual([{ 'Fn::Sub': '${UploadsBucket.Arn}/payloads/*' }]);
    }
  });

  it('let only the jobs ask what is due, since that tells the ids of all tenants', () => {
    const holders = allowed().filter(({ Resource }) => textOf(Resource).includes('/index/gsi4'));
    expect(holders.map(({ id }) => id)).toEqual(['JobsRole']);
  });

  it('let only the publisher put events, and only the publisher and the webhooks send to queues', () => {
    const holdersOf = (action: string) =>
      allowed()
        .filter(({ Action }) => Action.includes(action))
        .map(({ id }) => id);
    expect(holdersOf('events:PutEvents')).toEqual(['StreamRole']);
    expect(holdersOf('sqs:SendMessage').toSorted()).toEqual(['StreamRole', 'WebhooksRole']);
    expect(holdersOf('kms:Encrypt')).toEqual(['ApiRole']);
  });
});

describe('the HTTP API', () => {
  const OperationSchema = z.looseObject({ 'x-amazon-apigateway-integration': z.strictObject({ $ref: z.string() }) });
  const BodySchema = z.looseObject({
    paths: z.record(z.string(), z.record(z.string(), OperationSchema)),
    components: z.strictObject({ 'x-amazon-apigateway-integrations': z.record(z.string(), z.unknown()) }),
  });
  const body = () => BodySchema.parse(resource('HttpApi').Properties.Body);

  it('leads every route of functions.yml to its function', () => {
    const found = Object.entries(body().paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const route = path === '$default' ? '*' : `${method.toUpperCase()} ${path}`;
        return `${route} -> ${operation['x-amazon-apigateway-integration'].$ref.split('/').at(-1) ?? ''}`;
      }),
    );
    const wanted = readDefinitions(root).flatMap(({ key, events }) =>
      events.flatMap((event) => ('httpApi' in event ? [`${event.httpApi} -> ${key}`] : [])),
    );
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });

  it('invokes functions that exist, with a role that may', () => {
    const may = textOf(statementsOf(resource('ApiInvokeRole')));
    // The limit of the inline policies of one role.
    expect(may.length).toBeLessThan(10_240);
    for (const [key, integration] of Object.entries(body().components['x-amazon-apigateway-integrations'])) {
      expect(textOf(integration)).toContain(`:function:parley-prod-${key}"`);
      expect(may).toContain(`:function:parley-prod-${key}"`);
    }
  });

  it('is throttled and keeps an access log', () => {
    expect(resource('HttpApiStage').Properties).toMatchObject({
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 },
      AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['AccessLogs', 'Arn'] } },
    });
  });

  it('gives providers more room than users, and strangers less, each route by itself', () => {
    const limits: Readonly<Record<string, number>> = { webhooks: 2000, public: 50 };
    const wanted = readDefinitions(root).flatMap(({ area, events }) =>
      events.flatMap((event) => {
        const rate = limits[classOf(area).name];
        // A browser's question before a call has the room of the calls.
        if (rate === undefined || !('httpApi' in event) || event.httpApi.startsWith('OPTIONS ')) return [];
        const throttle = { DetailedMetricsEnabled: true, ThrottlingRateLimit: rate, ThrottlingBurstLimit: rate * 2 };
        return [[event.httpApi === '*' ? '$default' : event.httpApi, throttle] as const];
      }),
    );
    const settings = resource('HttpApiStage').Properties.RouteSettings;
    expect(settings).toEqual(Object.fromEntries(wanted));
    expect(settings).toMatchObject({
      'POST /tg/webhook': { ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 },
      'GET /health/ready': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });
});
