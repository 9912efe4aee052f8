import type { Act } from '../domain/act.ts';
import type { Due } from '../table/due.ts';
import { describeError, logger } from './logger.ts';
import { now, systemAct } from './worker.ts';

export type Settle = (act: Act, due: Due) => Promise<void>;

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
/** What goes on in its order: all that is due of one chat. */
export const groupOf = (due: Due): string =>
  due.kind === 'message' || due.kind === 'scheduled' ? due.chatId : idOf(due);

/** By when it was written; what was scheduled comes after that, and stays as listed: by the time it is due. */
const placeOf = (due: Due): string => (due.kind === 'scheduled' ? '~' : idOf(due));

const inOrder = (one: Due, other: Due): number => {
  const [first, second] = [placeOf(one), placeOf(other)];
  return first === second ? 0 : first < second ? -1 : 1;
};

const settleOne = async (settle: Settle, due: Due): Promise<boolean> => {
  const subject = idOf(due);
  try {
    await settle(systemAct(due.tenant, 'settle-due', subject), due);
    return true;
  } catch (error) {
    logger.error('could not settle what is due', {
      tenant: due.tenant,
      kind: due.kind,
      subject,
      ...describeError(error),
    });
    return false;
  }
};

/** For so long a message that cannot be made of a scheduled one holds up those that are to follow it. */
const LONGEST_HOLD_MS = 600_000;

/**
 * What is due of one chat goes on in its order; chats do not wait for each other. A scheduled message that could not be
 * released is tried again by the next run, and so are those that are to follow it.
 *
 * @param held the chats in which that is so
 */
export const settleInOrder = async (settle: Settle, group: readonly Due[], held: Set<string>): Promise<void> => {
  for (const due of group.toSorted(inOrder)) {
    if (due.kind === 'scheduled' && held.has(due.chatId)) continue;
    const isSettled = await settleOne(settle, due);
    if (isSettled || due.kind !== 'scheduled') continue;
    if (now().getTime() - Date.parse(due.sendAt) < LONGEST_HOLD_MS) held.add(due.chatId);
  }
};
