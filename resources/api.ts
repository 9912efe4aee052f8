import { join } from 'node:path';
import * as z from 'zod';
import { classOf } from './classes.ts';
import { readDefinitions } from './definitions.ts';
import type { Resolver } from './functions.ts';
import { arnOf, invocationOf, throttle } from './invocation.ts';
import { realtimeApi } from './realtime.ts';

interface Routed {
  /** The function's key in functions.yml. */
  readonly key: string;
  /** Its name in AWS. */
  readonly name: string;
  /** The class that its area belongs to. */
  readonly type: string;
  readonly routes: readonly string[];
}

const root = join(import.meta.dirname, '..');

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
const integration = (name: string) => ({
  type: 'AWS_PROXY',
  httpMethod: 'POST',
  payloadFormatVersion: '2.0',
  uri: invocationOf(name),
  credentials: { 'Fn::GetAtt': ['ApiInvokeRole', 'Arn'] },
});

const parametersOf = (path: string) =>
  [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const operation = (key: string, path: string) => ({
  parameters: parametersOf(path),
  responses: { default: { description: 'See /openapi.json' } },
  'x-amazon-apigateway-integration': { $ref: `#/components/x-amazon-apigateway-integrations/${key}` },
});

// `*` becomes the default route, which answers whatever no other route does.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
const entryOf = (key: string, route: string) => {
  if (route === '*') {
    const any = { isDefaultRoute: true, ...operation(key, '') };
    return { path: '$default', method: 'x-amazon-apigateway-any-method', operation: any };
  }
  const [method = '', path = ''] = route.split(' ');
  return { path, method: method.toLowerCase(), operation: operation(key, path) };
};

const pathsOf = (functions: readonly Routed[]) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { key, routes } of functions) {
    for (const route of routes) {
      const { path, method, operation } = entryOf(key, route);
      const methods = (paths[path] ??= {});
      if (method in methods) throw new Error(`More than one function answers ${route}`);
      methods[method] = operation;
    }
  }
  return paths;
};

const bodyOf = (title: string, functions: readonly Routed[]) => ({
  openapi: '3.0.1',
  info: { title, version: '1' },
  paths: pathsOf(functions),
  components: {
    'x-amazon-apigateway-integrations': Object.fromEntries(functions.map(({ key, name }) => [key, integration(name)])),
  },
});

const policy = (statement: Readonly<Record<string, unknown>>) => ({ Version: '2012-10-17', Statement: [statement] });

const invokeRole = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: ['sts:AssumeRole'],
    }),
  },
};

/**
 * A managed policy takes 6,144 characters, of which a function's ARN takes some 90; a role takes ten such policies, and all
 * its inline policies together but 10,240 characters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const FUNCTIONS_A_POLICY = 45;

const invokePolicies = (functions: readonly Pick<Routed, 'name'>[]) =>
  Object.fromEntries(
    Array.from({ length: Math.ceil(functions.length / FUNCTIONS_A_POLICY) }, (_, index) => {
      const some = functions.slice(index * FUNCTIONS_A_POLICY, (index + 1) * FUNCTIONS_A_POLICY);
      const document = policy({
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: some.map(({ name }) => arnOf(name)),
      });
      const Properties = { Roles: [{ Ref: 'ApiInvokeRole' }], PolicyDocument: document };
      return [`ApiInvokePolicy${index + 1}`, { Type: 'AWS::IAM::ManagedPolicy', Properties }];
    }),
  );

const accessLog = {
  requestId: '$context.requestId',
  // What the functions log a request under, unless its caller gave it another name.
  invocationId: '$context.integration.requestId',
  at: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  bytes: '$context.responseLength',
  sourceIp: '$context.identity.sourceIp',
  integrationError: '$context.integrationErrorMessage',
};

// Providers come in bursts and give up soon: what strangers ask of us must not crowd them out, nor our users.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
const throttles: Readonly<Record<string, ReturnType<typeof throttle>>> = {
  webhooks: throttle(2000),
  public: throttle(50),
};

const routeSettings = (functions: readonly Routed[]) =>
  Object.fromEntries(
    functions.flatMap(({ type, routes }) => {
      const limit = throttles[type];
      // A browser asks before it calls: its question has the room of the calls.
      const limited = routes.filter((route) => limit !== undefined && !route.startsWith('OPTIONS '));
      return limited.map((route) => [route === '*' ? '$default' : route, limit]);
    }),
  );

const stage = (functions: readonly Routed[]) => ({
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: {
    ApiId: { Ref: 'HttpApi' },
    StageName: '$default',
    AutoDeploy: true,
    // More than one tenant may ask of us: its own limit is met first, and others still get through.
    DefaultRouteSettings: throttle(2500),
    RouteSettings: routeSettings(functions),
    AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['AccessLogs', 'Arn'] }, Format: JSON.stringify(accessLog) },
  },
});

/**
 * The HTTP API of a deployed stage: one resource whose body is an OpenAPI document made of the httpApi events
 * of functions/<area>/functions.yml, its stage, the WebSocket API beside it, and the one role with which both invoke the
 * functions.
 */
export const api = async ({ resolveVariable }: Resolver) => {
  const service = z.string().parse(await resolveVariable('self:service'));
  const prefix = `${service}-${z.string().parse(await resolveVariable('sls:stage'))}`;
  const functions = readDefinitions(root).map(({ key, area, events }) => ({
    key,
    name: `${prefix}-${key}`,
    type: classOf(area).name,
    routes: events.flatMap((event) => ('httpApi' in event ? [event.httpApi] : [])),
    sockets: events.flatMap((event) => ('websocket' in event ? [event.websocket] : [])),
  }));
  const routed = functions.filter(({ routes }) => routes.length > 0);
  const connected = functions.filter(({ sockets }) => sockets.length > 0);
  return {
    Resources: {
      HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Body: bodyOf(prefix, routed) } },
      HttpApiStage: stage(routed),
      ApiInvokeRole: invokeRole,
      ...invokePolicies([...routed, ...connected]),
      ...realtimeApi(
        prefix,
        connected.flatMap(({ key, name, sockets }) => sockets.map((route) => ({ key, name, route }))),
      ),
    },
    Outputs: { ApiUrl: { Description: 'Address of the API', Value: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] } } },
  };
};
