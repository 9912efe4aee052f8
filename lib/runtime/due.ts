import { Watch } from '../messaging/pulse.ts';
import { DUE_START, dueShards, listDue } from '../table/due.ts';
import { HOOKS_DUE } from '../table/keys.ts';
import { describeError, logger } from './logger.ts';
import { groupOf, settleInOrder, type Settle } from './settle-in-order.ts';
import { newId, now } from './worker.ts';

const PAGE = 100;
/** More than this in one run is left to the next one. */
const MAX_PAGES = 20;
/** Of deliveries less: a system that is down has very many of them, and they are no reason to see to messages late. */
const MAX_DELIVERY_PAGES = 5;

const pagesOf = (shard: string): number => (shard.startsWith(HOOKS_DUE) ? MAX_DELIVERY_PAGES : MAX_PAGES);

/** Page after page, so that what cannot be settled does not stand before the rest. */
const walkShard = async (settle: Settle, shard: string, watch: Watch): Promise<void> => {
  const until = now().toISOString();
  let place: string | undefined = DUE_START;
  const held = new Set<string>();
  for (let page = 0; page < pagesOf(shard) && place !== undefined; page += 1) {
    const { due, unreadable, next } = await listDue(shard, place, until, PAGE);
    if (unreadable > 0) logger.error('what is due cannot be read', { shard, unreadable });
    for (const each of due) watch.see(each);
    await Promise.all([...Map.groupBy(due, groupOf).values()].map((group) => settleInOrder(settle, group, held)));
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
