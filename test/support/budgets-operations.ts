import { handler as listAttempts } from '../../functions/chats/list-attempts.ts';
import { handler as discardDeadLetter } from '../../functions/letters/discard-dead-letter.ts';
import { handler as listDeadLetters } from '../../functions/letters/list-dead-letters.ts';
import { handler as redriveDeadLetter } from '../../functions/letters/redrive-dead-letter.ts';
import { handler as redriveDeadLetters } from '../../functions/letters/redrive-dead-letters.ts';
import { handler as listAudit } from '../../functions/audit/list-audit.ts';
import { keepDeadLetter, listKept } from '../../lib/table/dead-letters.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  transaction,
  type Budget,
} from './budget-stage.ts';

const letter = () => ({
  source: 'queue' as const,
  origin: 'audit',
  reason: 'It could not be handled.',
  payload: act.newId(),
  receivedAt: new Date().toISOString(),
  way: { to: 'queue', queue: 'parley-local-AuditQueue' } as const,
});

/** The id of a letter that nobody has looked at. */
const keepOne = async (): Promise<string> => {
  const kept = letter();
  await keepDeadLetter(act.tenant, kept);
  const { letters } = await listKept(act.tenant, null, 100);
  return letters.find(({ payload }) => payload === kept.payload)?.sk.slice('LETTER#'.length) ?? '';
};

export const operationsBudgets: readonly Budget[] = [
  {
    operation: 'list the audit log of a day',
    promised: [query],
    run: (stage) => requestsOf(listAudit, stage.call({}, { query: { day: '2026-01-31' } }), 200),
  },
  {
    operation: 'keep a dead letter',
    promised: [transaction],
    run: () => requestsDuring(() => keepDeadLetter(act.tenant, letter())),
  },
  {
    operation: 'list dead letters',
    promised: [query],
    run: (stage) => requestsOf(listDeadLetters, stage.call(), 200),
  },
  {
    operation: 'redrive a dead letter',
    promised: [read, transaction],
    run: async (stage) =>
      requestsOf(redriveDeadLetter, stage.call({ deadLetterId: await keepOne() }, { method: 'POST' }), 202),
  },
  {
    operation: 'discard a dead letter',
    promised: [read, transaction],
    run: async (stage) =>
      requestsOf(discardDeadLetter, stage.call({ deadLetterId: await keepOne() }, { method: 'DELETE' }), 204),
  },
  {
    operation: 'redrive dead letters by a filter',
    promised: [transaction],
    run: (stage) => requestsOf(redriveDeadLetters, stage.call({}, { method: 'POST', body: { origin: 'none' } }), 202),
  },
  {
    operation: 'list the calls of the provider for a message',
    promised: [readTogether],
    run: (stage, { id, unread }) => requestsOf(listAttempts, stage.call({ chatId: id, messageId: unread }), 200),
  },
];
