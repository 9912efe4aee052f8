import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { environment } from '../config/environment.ts';

/** Connections are managed at the address that clients connect to, over HTTP. */
const createClient = () =>
  new ApiGatewayManagementApiClient({
    endpoint: environment().REALTIME_URL.replace(/^ws/, 'http'),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
let client: ReturnType<typeof createClient> | undefined;

/** The status tells; one machine gives the error no name. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html */
const isGone = (error: unknown): boolean =>
  error instanceof ApiGatewayManagementApiServiceException && error.$metadata.httpStatusCode === 410;

/** Whether the connection is there: it is not where API Gateway says that it is gone. */
const unlessGone = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work;
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
};

/** Sends a frame of up to 128 KB. @returns whether the connection is still there */
export const postFrame = (connectionId: string, frame: string): Promise<boolean> => {
  client ??= createClient();
  return unlessGone(client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame })));
};

/** Closes a connection. @returns whether it was still there */
export const dropConnection = (connectionId: string): Promise<boolean> => {
  client ??= createClient();
  return unlessGone(client.send(new DeleteConnectionCommand({ ConnectionId: connectionId })));
};
