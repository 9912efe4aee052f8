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
const RoleSchema = z.looseObject({ Policies: z.array(PolicySchema).default([]) });

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
      // Objects of a named bucket, and connections, are what cannot be listed ahead.
      const wide = Resource.map(textOf).filter((text) =>
        text.replace(/(Bucket\.Arn\}(\/[a-z]+)*|\}\/(POST|DELETE)\/@connections)\/\*"/, '$1"').includes('*'),
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

  it('reach only the folders of the bucket that they work in', () => {
    const folders = allowed().flatMap(({ id, Resource }) =>
      [...textOf(Resource).matchAll(/UploadsBucket\.Arn\}\/([a-z/]+)\/\*"/g)].map(
        ([, folder = '']) => [id, folder] as const,
      ),
    );
    const byRole = Map.groupBy(folders, ([id]) => id);
    const reached = [...byRole].map(([id, all]) => [id, [...new Set(all.map(([, folder]) => folder))].toSorted()]);
    expect(Object.fromEntries(reached)).toEqual({
      ApiRole: ['exports', 'files', 'imports', 'payloads', 'reports', 'sheets', 'uploads/incoming'],
      FetchersRole: ['files'],
      JobsRole: ['files', 'payloads', 'uploads/incoming'],
      RunnersRole: ['exports', 'files', 'imports', 'payloads', 'reports', 'sheets', 'uploads/incoming'],
      SendersRole: ['files'],
      StreamRole: ['payloads'],
      WebhooksRole: ['payloads'],
      WorkersRole: ['payloads'],
    });
  });

  it('write into the bucket of uploads or read it; only what cleans up removes anything', () => {
    const uploads = allowed().filter(({ Resource }) => textOf(Resource).includes('UploadsBucket'));
    const removing = uploads.filter(({ Action }) => Action.includes('s3:DeleteObject')).map(({ id }) => id);
    expect([...new Set(removing)].toSorted()).toEqual(['FetchersRole', 'JobsRole', 'RunnersRole']);
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
    expect([...new Set(holdersOf('sqs:SendMessage'))].toSorted()).toEqual(['StreamRole', 'WebhooksRole']);
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
    const policies = resourcesOf('AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties);
    // As many as a role takes, and none longer than a policy may be once its references are filled in.
    expect(policies.length).toBeLessThanOrEqual(10);
    for (const { Roles, PolicyDocument } of policies) {
      expect(Roles).toEqual([{ Ref: 'ApiInvokeRole' }]);
      const filledIn = textOf(PolicyDocument)
        .replaceAll('${AWS::Partition}', 'aws-us-gov')
        .replaceAll('${AWS::Region}', 'ap-southeast-2')
        .replaceAll('${AWS::AccountId}', '123456789012');
      expect(filledIn.length).toBeLessThan(6_144);
    }
    const may = textOf(policies);
    for (const [key, integration] of Object.entries(body().components['x-amazon-apigateway-integrations'])) {
      expect(textOf(integration)).toContain(`:function:parley-prod-${key}"`);
      expect(may).toContain(`:function:parley-prod-${key}"`);
    }
  });

  it('is throttled and keeps an access log', () => {
    expect(resource('HttpApiStage').Properties).toMatchObject({
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 2500, ThrottlingBurstLimit: 5000 },
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

describe('the WebSocket API', () => {
  it('leads each route to its function, by the role that may invoke it', () => {
    const may = textOf(resourcesOf('AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties));
    const routes = resourcesOf('AWS::ApiGatewayV2::Route').map(([id, { Properties }]) => {
      const name = id.replace(/Route$/, '');
      expect(Properties.Target).toEqual({ 'Fn::Sub': `integrations/\${${name}Integration}` });
      const { CredentialsArn, IntegrationUri } = resource(`${name}Integration`).Properties;
      expect(CredentialsArn).toEqual({ 'Fn::GetAtt': ['ApiInvokeRole', 'Arn'] });
      const key = /:function:parley-prod-(\w+)"/.exec(textOf(IntegrationUri))?.[1] ?? '';
      expect(may).toContain(`:function:parley-prod-${key}"`);
      return [Properties.RouteKey, key];
    });
    const wanted = readDefinitions(root).flatMap(({ key, events }) =>
      events.flatMap((event) => ('websocket' in event ? [[event.websocket, key]] : [])),
    );
    expect(Object.fromEntries(routes)).toEqual(Object.fromEntries(wanted));
    expect(routes).toHaveLength(3);
  });

  it('keeps room for those who connect that frames cannot use up, on routes that are there by then', () => {
    const { Properties, DependsOn } = resource('RealtimeStage');
    expect(Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 500 },
      RouteSettings: { $connect: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 } },
    });
    const routes = resourcesOf('AWS::ApiGatewayV2::Route').map(([id]) => id);
    expect(z.array(z.string()).parse(DependsOn).toSorted()).toEqual(routes.toSorted());
  });
});
