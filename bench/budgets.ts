import { setStage, startChat } from '../test/support/budget-stage.ts';
import { budgets } from '../test/support/budgets.ts';
import type { Urls } from '../test/support/stack.ts';
import type { Budget } from './report.ts';

const LENGTHS = [5, 500];

const words = (requests: readonly string[]): string => requests.map((name) => name.replace(/Command$/, '')).join(' + ');

/** Counts what every operation really asks of the table, in a short chat and in a long one. */
export const checkBudgets = async (urls: Urls): Promise<Budget[]> => {
  const stage = await setStage(urls);
  const rows: Budget[] = [];
  for (const length of LENGTHS) {
    const chat = await startChat(stage, length);
    for (const { operation, promised, run } of budgets) {
      await stage.warm();
      const counted = words(await run(stage, chat));
      const wanted = words([...promised].sort());
      rows.push({
        operation: `${operation} (${length} messages)`,
        promised: wanted,
        counted,
        kept: counted === wanted,
      });
    }
  }
  return rows;
};
