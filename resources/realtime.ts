import { invocationOf, throttle } from './invocation.ts';

interface SocketFunction {
  /** The function's key in functions.yml. */
  readonly key: string;
  /** Its name in AWS. */
  readonly name: string;
  /** `$connect`, `$disconnect` or `$default`. */
  readonly route: string;
}

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const integration = (name: string) => ({
  Type: 'AWS::ApiGatewayV2::Integration',
  Properties: {
    ApiId: { Ref: 'RealtimeApi' },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: invocationOf(name),
    CredentialsArn: { 'Fn::GetAtt': ['ApiInvokeRole', 'Arn'] },
  },
});

/** A ticket lets in who connects, so that no authorizer is asked. */
const routeTo = (key: string, route: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: 'RealtimeApi' },
    RouteKey: route,
    AuthorizationType: 'NONE',
    Target: { 'Fn::Sub': `integrations/\${${capitalised(key)}Integration}` },
  },
});

/**
 * The WebSocket API of a deployed stage, made of the websocket events of functions/<area>/functions.yml. It cannot be
 * described by one document as an HTTP API can. What frames say is told apart by their function, so that all of them take
 * the default route.
 */
export const realtimeApi = (title: string, functions: readonly SocketFunction[]) => ({
  RealtimeApi: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: `${title}-realtime`,
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.route',
    },
  },
  RealtimeStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      ApiId: { Ref: 'RealtimeApi' },
      StageName: 'live',
      AutoDeploy: true,
      DefaultRouteSettings: throttle(500),
      // Those who are connected have no way to use up what those who want to connect need.
      RouteSettings: { $connect: throttle(500) },
    },
    // A stage knows settings only of routes that are there.
    DependsOn: functions.map(({ key }) => `${capitalised(key)}Route`),
  },
  ...Object.fromEntries(functions.map(({ key, name }) => [`${capitalised(key)}Integration`, integration(name)])),
  ...Object.fromEntries(functions.map(({ key, route }) => [`${capitalised(key)}Route`, routeTo(key, route)])),
});
