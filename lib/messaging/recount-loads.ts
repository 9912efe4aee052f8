import { UserIdSchema, type ChatId, type UserId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { findLedger, writeTurns } from '../table/assignments.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { countChats } from './assign.ts';

/** From here on whoever counts a chat for somebody counts it here as well. @returns the number of this recount */
const begin = (act: Act): Promise<number> =>
  untilUndisturbed(async () => {
    const before = await findLedger(act.tenant);
    const number = before.revision + 1;
    await writeTurns(act, { before, after: { ...before, recount: { number, loads: {} } } }, []);
    return number;
  });

/** Another recount was begun, and goes on. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

const end = (act: Act, number: number): Promise<UserId[]> =>
  untilUndisturbed(async () => {
    const before = await findLedger(act.tenant);
    const { loads, recount } = before;
    if (recount?.number !== number) throw new Overtaken('Open chats are counted anew by somebody else.');
    await writeTurns(act, { before, after: { ...before, loads: recount.loads, recount: null } }, []);
    const users = new Set([...Object.keys(loads), ...Object.keys(recount.loads)]);
    return [...users].filter((user) => loads[user] !== recount.loads[user]).map((user) => UserIdSchema.parse(user));
  });

/**
 * Counts anew how many open chats each user has, while chats go on being given and taken. It can be stopped, and run again,
 * at any time.
 *
 * @param chats all that the tenant has when it begins; read from then on
 * @returns for whom there was another number
 * @throws Overtaken
 */
export const recountLoads = async (act: Act, chats: AsyncIterable<readonly ChatId[]>): Promise<UserId[]> => {
  const number = await begin(act);
  for await (const ids of chats) await countChats(act, ids);
  return end(act, number);
};
