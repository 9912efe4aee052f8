import { dropConnection } from '../cloud/sockets.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import type { Connection } from '../domain/realtime.ts';
import { receiveSignal, reply } from '../messaging/signals.ts';
import { closeConnection, isOver } from '../messaging/sockets.ts';
import { cached } from '../table/cache.ts';
import { findConnection, tenantOfConnection } from '../table/connections.ts';
import { limitFrames } from './frame-limit.ts';
import { describeError, logger } from './logger.ts';
import type { SocketEvent } from './socket.ts';
import { now, systemAct } from './worker.ts';

interface Known {
  readonly tenant: TenantId;
  readonly connection: Connection;
}

const find = async (connectionId: string): Promise<Known | undefined> => {
  const tenant = await tenantOfConnection(connectionId);
  const connection = tenant === undefined ? undefined : await findConnection(tenant, connectionId);
  return tenant === undefined || connection === undefined ? undefined : { tenant, connection };
};

/** Whose frames they are does not change while the connection lasts. */
const known = cached(20, find);

const answer = async ({ tenant, connection }: Known, frame: string): Promise<void> => {
  const { connectionId, userId } = connection;
  try {
    limitFrames(tenant, connectionId);
    await receiveSignal(systemAct(tenant, userId, connectionId), connection, frame);
  } catch (error) {
    if (!(error instanceof Failure)) logger.error('frame could not be handled', { tenant, ...describeError(error) });
    const { code, message: detail } =
      error instanceof Failure ? error : new Failure('internal.error', 'Something went wrong. Try again.');
    await reply(connectionId, { type: 'error', code, detail });
  }
};

/** Does what a frame asks for, or says on its connection why not. Who should not be connected any more is cut off. */
export const answerFrame = async ({ connectionId, frame }: SocketEvent): Promise<void> => {
  const found = await known.get(connectionId);
  if (found === undefined) {
    await dropConnection(connectionId);
    return;
  }
  if (isOver(now(), found.connection)) return closeConnection(found.tenant, connectionId);
  return answer(found, frame);
};
