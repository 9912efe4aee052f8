import { postFrame } from '../cloud/sockets.ts';
import { SignalSchema, type Presence, type SocketReply } from '../contract/realtime.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { Failure, notFound } from '../domain/failure.ts';
import { PRESENCE_SECONDS, type Connection } from '../domain/realtime.ts';
import { findChat } from '../table/chats.ts';
import { findConnections } from '../table/connections.ts';
import { tellAll } from './push.ts';

const parseJson = (frame: string): unknown => {
  try {
    return JSON.parse(frame);
  } catch {
    throw new Failure('request.malformed', 'A frame is a JSON object.');
  }
};

/** Tells the others of the tenant what somebody does in a chat. It is kept nowhere. One read, one query. */
const tellPresence = async (
  act: Act,
  { userId }: Connection,
  { chatId, state }: Pick<Presence['data'], 'chatId' | 'state'>,
): Promise<void> => {
  const [chat, connections] = await Promise.all([findChat(act.tenant, chatId), findConnections(act.tenant)]);
  if (chat?.state !== 'active') throw notFound();
  const now = act.now();
  const presence: Presence = {
    type: 'presence',
    id: chatId,
    version: now.getTime(),
    at: instant(now),
    data: { chatId, userId, state, until: secondsAfter(now, PRESENCE_SECONDS) },
  };
  await tellAll(
    act,
    connections.filter((connection) => connection.userId !== userId),
    [presence],
  );
};

/** Answers on the connection that asked. */
export const reply = async (connectionId: string, answer: SocketReply): Promise<void> => {
  await postFrame(connectionId, JSON.stringify(answer));
};

/**
 * Does what a client's frame asks for.
 *
 * @throws Failure `request.malformed`, `request.invalid`, `resource.not-found`
 */
export const receiveSignal = async (act: Act, connection: Connection, frame: string): Promise<void> => {
  const signal = SignalSchema.safeParse(parseJson(frame));
  if (!signal.success)
    throw new Failure('request.invalid', 'A frame is ping, or typing, looking or idle with a chatId.');
  if (signal.data.type === 'ping') {
    return reply(connection.connectionId, { type: 'pong', at: instant(act.now()) });
  }
  return tellPresence(act, connection, { chatId: signal.data.chatId, state: signal.data.type });
};
