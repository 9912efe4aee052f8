import fc from 'fast-check';
import { newAct } from '../../test/support/builders.ts';
import { ChatIdSchema, MessageIdSchema } from '../contract/vocabulary.ts';
import { distinctly, type Changed } from './realtime.ts';

const act = newAct();
const chatIds = Array.from({ length: 3 }, () => ChatIdSchema.parse(act.newId()));
const messageIds = Array.from({ length: 3 }, () => MessageIdSchema.parse(act.newId()));

const changed: fc.Arbitrary<Changed> = fc.oneof(
  fc.record({ kind: fc.constant('chat' as const), chatId: fc.constantFrom(...chatIds) }),
  fc.record({
    kind: fc.constant('message' as const),
    chatId: fc.constantFrom(...chatIds),
    messageId: fc.constantFrom(...messageIds),
    isNew: fc.boolean(),
    isScheduled: fc.constant(false),
  }),
);

const nameOf = (change: Changed): string => (change.kind === 'chat' ? change.chatId : change.messageId);
const isNew = (change: Changed): boolean => change.kind === 'message' && change.isNew;

describe('changes', () => {
  it('are told once for each chat and message, as new where any of them is', () => {
    fc.assert(
      fc.property(fc.array(changed), (changes) => {
        const told = distinctly(changes);
        expect(told.map(nameOf).toSorted()).toEqual([...new Set(changes.map(nameOf))].toSorted());
        for (const change of told) {
          const same = changes.filter((other) => nameOf(other) === nameOf(change));
          expect(isNew(change)).toBe(same.some(isNew));
        }
      }),
    );
  });
});
