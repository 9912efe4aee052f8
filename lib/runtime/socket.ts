import * as z from 'zod';
import { problems } from '../contract/problems.ts';
import { Failure } from '../domain/failure.ts';
import { describeError, logger } from './logger.ts';

/** As much as is needed of what API Gateway says. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html */
const EventSchema = z.object({
  requestContext: z.object({
    connectionId: z.string().min(1),
    eventType: z.enum(['CONNECT', 'DISCONNECT', 'MESSAGE']),
  }),
  queryStringParameters: z.record(z.string(), z.string()).nullish(),
  /** One machine hands over binary frames as they are; they are no JSON. */
  body: z.string().nullish().catch(null),
});

export interface SocketEvent {
  readonly connectionId: string;
  readonly query: Readonly<Record<string, string>>;
  readonly frame: string;
}

/**
 * A handler of a WebSocket route. The status matters to who connects alone: it is refused with any but 200.
 * A frame cannot pass for anything else by naming a route.
 */
export const socket =
  (
    eventType: z.infer<typeof EventSchema>['requestContext']['eventType'],
    handle: (event: SocketEvent) => Promise<void>,
  ) =>
  async (event: unknown): Promise<{ statusCode: number }> => {
    const { requestContext, queryStringParameters, body } = EventSchema.parse(event);
    if (requestContext.eventType !== eventType) return { statusCode: 400 };
    const { connectionId } = requestContext;
    logger.resetKeys();
    logger.appendKeys({ connectionId });
    try {
      await handle({ connectionId, query: queryStringParameters ?? {}, frame: body ?? '' });
      return { statusCode: 200 };
    } catch (error) {
      if (error instanceof Failure) return { statusCode: problems[error.code].status };
      logger.error('socket event failed', { eventType, ...describeError(error) });
      return { statusCode: 500 };
    }
  };
