import { dropConnection, postFrame } from '../cloud/sockets.ts';
import type { Change, Presence } from '../contract/realtime.ts';
import { UserIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { changedBy, distinctly, maySee, type Changed, type Connection } from '../domain/realtime.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { recordChanges } from '../table/changes.ts';
import { findConnections, removeConnection } from '../table/connections.ts';
import { findUser } from '../table/users.ts';
import { currentOf } from './current.ts';
import { sideBySide } from './side-by-side.ts';
import { closeConnection, isOver } from './sockets.ts';

/** So many connections are told at once. */
const AT_ONCE = 50;
/** A connection that is younger may still be opening: API Gateway calls it gone until it is open. */
const OPENING_MS = 10_000;

const isOpening = (act: Act, { connectedAt }: Connection): boolean =>
  act.now().getTime() - Date.parse(connectedAt) < OPENING_MS;

/**
 * Who cannot be told is cut off, to connect and catch up anew. One that cannot even be cut off is forgotten: its next frame
 * finds nobody, and closes it.
 */
const cutOff = async (act: Act, connectionId: string): Promise<void> => {
  await dropConnection(connectionId).catch(() => undefined);
  await removeConnection(act.tenant, connectionId);
};

/** Frames on one connection keep their order. */
const tell = async (act: Act, connection: Connection, frames: readonly string[]): Promise<void> => {
  const { connectionId } = connection;
  try {
    for (const frame of frames) {
      if (await postFrame(connectionId, frame)) continue;
      if (!isOpening(act, connection)) await removeConnection(act.tenant, connectionId);
      return;
    }
  } catch {
    await cutOff(act, connectionId);
  }
};

/** Tells these connections what each may see; those whose time is over are closed. */
export const tellAll = async (
  act: Act,
  connections: readonly Connection[],
  pushes: readonly (Change | Presence)[],
): Promise<void> => {
  const frames = pushes.map((push) => ({ push, frame: JSON.stringify(push) }));
  await sideBySide(AT_ONCE, connections, async (connection) => {
    if (isOver(act.now(), connection)) return cutOff(act, connection.connectionId);
    const seen = frames.filter(({ push }) => maySee(connection.role, push));
    return tell(
      act,
      connection,
      seen.map(({ frame }) => frame),
    );
  });
};

const isDeactivated = async (tenant: TenantId, event: DomainEvent): Promise<string[]> => {
  const user = await findUser(tenant, UserIdSchema.parse(event.subject.id));
  return user?.active === false ? [user.id] : [];
};

/** Closes the connections of users who were deactivated. One read for each user, one query. */
const closeDeactivated = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  const updated = events.filter(({ type }) => type === 'UserUpdated');
  const userIds = (await Promise.all(updated.map((event) => isDeactivated(act.tenant, event)))).flat();
  if (userIds.length === 0) return;
  const connections = await findConnections(act.tenant);
  const theirs = connections.filter(({ userId }) => userIds.includes(userId));
  await sideBySide(AT_ONCE, theirs, ({ connectionId }) => closeConnection(act.tenant, connectionId));
};

/**
 * Who connects after it was read who is connected finds in the log what was changed; so it is read once that is written.
 * One transaction and one query.
 */
const writeDown = async (act: Act, at: string, changes: readonly Changed[]): Promise<Connection[]> => {
  await recordChanges(act.tenant, { id: act.newId(), at, changes });
  return findConnections(act.tenant);
};

/**
 * Tells the tenant's connections what these events changed, as it is now, and writes it down for those who are not
 * connected. A read for each hundred items, and side by side one transaction and one query.
 */
export const pushEvents = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  await closeDeactivated(act, events);
  const changes = distinctly(events.flatMap(changedBy));
  if (changes.length === 0) return;
  const at = instant(act.now());
  const [pushes, connections] = await Promise.all([currentOf(act, changes), writeDown(act, at, changes)]);
  await tellAll(act, connections, pushes);
};
