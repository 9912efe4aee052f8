import type { Act } from '../domain/act.ts';
import { Watch } from '../messaging/pulse.ts';
import { DUE_START, dueShards, listDue, type Due } from '../table/due.ts';
import { describeError, logger } from './logger.ts';
import { newId, now, systemAct } from './worker.ts';

const PAGE = 100;
/** More than this in one run is left to the next one. */
const MAX_PAGES = 20;

type Settle = (act: Act, due: Due) => Promise<void>;

const idOf = (due: Due): string => {
  switch (due.kind) {
    case 'message':
    case 'scheduled':
      return due.messageId;
    case 'chat':
      return due.chatId;
    case 'delivery':
      return `${due.endpointId}${due.deliveryId}`;
    case 'job':
      return due.jobId;
    case 'upload':
      return due.uploadId;
    case 'connection':
      return due.connectionId;
    case 'projection':
      return due.clientIds[0] ?? '';
    case 'letter':
      return due.letterId;
    case 'retention':
    case 'seal':
      return due.tenant;
    case 'channel':
      return due.channelId;
  }
};
const groupOf = (due: Due): string => (due.kind === 'message' || due.kind === 'scheduled' ? due.chatId : idOf(due));

/** By when it was written; what was scheduled comes after that, and stays as listed: by the time it is due. */
const placeOf = (due: Due): string => (due.kind === 'scheduled' ? '~' : idOf(due));

const inOrder = (one: Due, other: Due): number => {
  const [first, second] = [placeOf(one), placeOf(other)];
  return first === second ? 0 : first < second ? -1 : 1;
};

const settleOne = async (settle: Settle, due: Due): Promise<void> => {
  const subject = idOf(due);
  try {
    await settle(systemAct(due.tenant, 'settle-due', subject), due);
  } catch (error) {
    logger.error('could not settle what is due', {
      tenant: due.tenant,
      kind: due.kind,
      subject,
      ...describeError(error),
    });
  }
};

/** What is due of one chat goes on in its order; chats do not wait for each other. */
const settleInOrder = async (settle: Settle, group: readonly Due[]): Promise<void> => {
  for (const due of group.toSorted(inOrder)) await settleOne(settle, due);
};

/** Page after page, so that what cannot be settled does not stand before the rest. */
const walkShard = async (settle: Settle, shard: string, watch: Watch): Promise<void> => {
  const until = now().toISOString();
  let place: string | undefined = DUE_START;
  for (let page = 0; page < MAX_PAGES && place !== undefined; page += 1) {
    const { due, unreadable, next } = await listDue(shard, place, until, PAGE);
    if (unreadable > 0) logger.error('what is due cannot be read', { shard, unreadable });
    for (const each of due) watch.see(each);
    await Promise.all([...Map.groupBy(due, groupOf).values()].map((group) => settleInOrder(settle, group)));
    place = next;
  }
};

/** A handler of the schedule: one thing that cannot be settled stops no other. */
export const everyDue = (settle: Settle) => async (): Promise<void> => {
  const watch = new Watch();
  await Promise.all(dueShards.map((shard) => walkShard(settle, shard, watch)));
  await watch.tell(newId(), now()).catch((error: unknown) => {
    logger.error('nobody was told how the system is', describeError(error));
  });
};
