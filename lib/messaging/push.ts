import { dropConnection, postFrame } from '../cloud/sockets.ts';
import type { Change, Presence } from '../contract/realtime.ts';
import { UserIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { changedBy, distinctly, maySee, type Connection } from '../domain/realtime.ts';
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

/** Frames on one connection keep their order. Who cannot be told is cut off, to connect and catch up anew. */
const tell = async (act: Act, connection: Connection, frames: readonly string[]): Promise<void> => {
  const { connectionId } = connection;
  try {
    for (const frame of frames) {
      if (await postFrame(connectionId, frame)) continue;
      if (!isOpening(act, connection)) await removeConnection(act.tenant, connectionId);
      return;
    }
  } catch {
    await dropConnection(connectionId);
    await removeConnection(act.tenant, connectionId);
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
    if (isOver(act.now(), connection)) return closeConnection(act.tenant, connection.connectionId);
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
 * Tells the tenant's connections what these events changed, as it is now, and writes it down for those who are not
 * connected. Side by side one transaction, one query, and a read for each hundred items.
 */
export const pushEvents = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  await closeDeactivated(act, events);
  const changes = distinctly(events.flatMap(changedBy));
  if (changes.length === 0) return;
  const at = instant(act.now());
  const [pushes, connections] = await Promise.all([
    currentOf(act, changes),
    findConnections(act.tenant),
    recordChanges(act.tenant, { id: act.newId(), at, changes }),
  ]);
  await tellAll(act, connections, pushes);
};
