import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  SendMessageBatchCommand,
  SQSClient,
  type BatchResultErrorEntry,
  type SendMessageBatchCommandInput,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { clientEvent } from '../domain/occurrence.ts';
import type { Dispatch } from '../events/outbox.ts';
import { ChatIdSchema, MessageIdSchema, type ProviderName } from '../contract/vocabulary.ts';
import { publish, type OutboxRecord } from './publish.ts';

const queue = mockClient(SQSClient);
const bus = mockClient(EventBridgeClient);
const act = newAct();
const event = clientEvent(act, 'ClientCreated', buildClient(act));
const chats = Array.from({ length: 4 }, () => ChatIdSchema.parse(act.newId()));

type Entry = NonNullable<SendMessageBatchCommandInput['Entries']>[number];
const failed = ({ Id }: Entry, SenderFault: boolean): BatchResultErrorEntry => ({
  Id,
  SenderFault,
  Code: SenderFault ? 'InvalidMessageContents' : 'InternalError',
});

/** A FIFO queue that keeps what it was given once, and refuses entries as `judge` says. */
const startQueue = (judge: (entry: Entry) => 'takes' | 'is away' | 'refuses') => {
  const kept: Entry[] = [];
  const batches: Entry[][] = [];
  queue.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: SendMessageBatchCommandInput) => {
    batches.push(Entries);
    const judged = Entries.map((entry) => ({ entry, verdict: judge(entry) }));
    for (const { entry } of judged.filter(({ verdict }) => verdict === 'takes')) {
      const repeated = kept.some((other) => other.MessageDeduplicationId === entry.MessageDeduplicationId);
      if (!repeated) kept.push(entry);
    }
    const Failed = judged.flatMap(({ entry, verdict }) =>
      verdict === 'takes' ? [] : [failed(entry, verdict === 'refuses')],
    );
    return { Failed };
  });
  return { kept, batches };
};

const newDispatch = (chat: number, provider: ProviderName = 'twilio'): Dispatch => ({
  provider,
  tenantId: act.tenant,
  chatId: ChatIdSchema.parse(chats[chat]),
  messageId: MessageIdSchema.parse(act.newId()),
  dispatch: 1,
});

const recordsOf = (dispatches: readonly Dispatch[]): OutboxRecord[] =>
  dispatches.map((dispatch, index) => ({ position: String(index), dispatch }));

const ids = (entries: readonly Entry[], chat: string) =>
  entries.filter(({ MessageGroupId }) => MessageGroupId === chat).map((entry) => entry.MessageDeduplicationId);

beforeEach(() => {
  queue.reset();
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [], FailedEntryCount: 0 });
});

describe('publishing', () => {
  it('puts events on the bus as they are, by their type, at their time', async () => {
    expect(await publish([{ position: '1', event }])).toEqual({ retry: undefined, refused: [] });
    const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    expect(entry).toMatchObject({ Source: 'crm', DetailType: 'ClientCreated', Time: new Date(event.occurredAt) });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual(event);
  });

  it('puts a message on its provider’s queue: one group a chat, one id for each dispatch', async () => {
    startQueue(() => 'takes');
    const dispatch = { ...newDispatch(0, 'telegram'), dispatch: 3 };
    await publish(recordsOf([dispatch]));
    const input = queue.commandCalls(SendMessageBatchCommand)[0]?.args[0].input;
    expect(input?.QueueUrl).toBe(process.env.OUTBOUND_QUEUE_URL_TELEGRAM);
    expect(input?.Entries).toMatchObject([
      { MessageGroupId: dispatch.chatId, MessageDeduplicationId: `${dispatch.messageId}-3` },
    ]);
    expect(JSON.parse(input?.Entries?.[0]?.MessageBody ?? '')).toEqual(dispatch);
  });

  it('with nothing to do calls nobody', async () => {
    expect(await publish([{ position: '1' }])).toEqual({ retry: undefined, refused: [] });
    expect([...queue.calls(), ...bus.calls()]).toEqual([]);
  });

  it('takes up to 10 at once, and no chat twice in one batch', async () => {
    const { batches } = startQueue(() => 'takes');
    await publish(recordsOf([...Array.from({ length: 12 }, () => 0), 1, 2, 1].map((chat) => newDispatch(chat))));
    expect(batches).toHaveLength(12);
    expect(batches.every((batch) => new Set(batch.map((entry) => entry.MessageGroupId)).size === batch.length)).toBe(
      true,
    );
    await publish(Array.from({ length: 25 }, (_, index) => ({ position: String(index), event })));
    expect(bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length)).toEqual([10, 10, 5]);
  });

  it('goes on from the first record that is not done, also when a later one failed first', async () => {
    const [first, second, other] = [newDispatch(0), newDispatch(0), newDispatch(1)];
    startQueue(({ MessageGroupId }) => (MessageGroupId === other.chatId ? 'is away' : 'takes'));
    // `second` waits for the batch after that of `first` and `other`.
    expect((await publish(recordsOf([first, second, other]))).retry?.from).toBe('1');
  });

  it('loses nothing and keeps each chat’s order, whatever fails and however often', async () => {
    const verdicts = fc.constantFrom('takes', 'takes', 'takes', 'is away', 'refuses');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
        fc.array(verdicts, { maxLength: 60 }),
        async (plan, fate) => {
          const records = recordsOf(plan.map((chat) => newDispatch(chat)));
          const refused = new Set<string>();
          let next = 0;
          const { kept } = startQueue(({ MessageDeduplicationId = '' }) => {
            if (refused.has(MessageDeduplicationId)) return 'refuses';
            const verdict = fate[next] ?? 'takes';
            next += 1;
            if (verdict === 'refuses') refused.add(MessageDeduplicationId);
            return verdict;
          });
          let left = records;
          for (let round = 0; left.length > 0; round += 1) {
            expect(round).toBeLessThan(1_000);
            const { retry } = await publish(left);
            left = retry === undefined ? [] : left.slice(left.findIndex(({ position }) => position === retry.from));
          }
          const expected = records.map(({ dispatch }) => dispatch).filter((dispatch) => dispatch !== undefined);
          for (const chat of chats) {
            const all = expected.filter(({ chatId }) => chatId === chat).map(({ messageId }) => `${messageId}-1`);
            const taken = ids(kept, chat);
            // What was taken at first and refused as a repeat is there all the same.
            expect(taken).toEqual(all.filter((id) => taken.includes(id)));
            expect(all.filter((id) => !taken.includes(id) && !refused.has(id))).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('names what can never be published, and passes it', async () => {
    const [bad, good] = [newDispatch(0), newDispatch(0)];
    const { kept } = startQueue((entry) =>
      entry.MessageDeduplicationId?.startsWith(bad.messageId) ? 'refuses' : 'takes',
    );
    const result = await publish(recordsOf([bad, good]));
    expect(result).toEqual({
      retry: undefined,
      refused: [{ position: '0', reason: 'InvalidMessageContents' }],
    });
    expect(kept).toHaveLength(1);
  });

  it('tells an event that the bus refuses from a bus that is busy', async () => {
    const records = [event, event, event].map((each, index) => ({ position: String(index), event: each }));
    const Entries = [{ EventId: '1' }, { ErrorCode: 'MalformedDetail' }, { ErrorCode: 'ThrottlingException' }];
    bus.on(PutEventsCommand).resolves({ Entries, FailedEntryCount: 2 });
    expect(await publish(records)).toEqual({
      retry: { from: '2', service: 'bus', reason: 'ThrottlingException' },
      refused: [{ position: '1', reason: 'MalformedDetail' }],
    });
  });

  it('tries all of it again when a service does not answer at all', async () => {
    queue.on(SendMessageBatchCommand).rejects(new Error('no network'));
    const records = [
      { position: '1', event },
      { position: '2', dispatch: newDispatch(0), event },
    ];
    expect(await publish(records)).toMatchObject({ retry: { from: '2', service: 'queue of twilio' }, refused: [] });
    bus.on(PutEventsCommand).rejects(new Error('no network'));
    expect((await publish(records)).retry).toMatchObject({ from: '1', service: 'bus' });
  });
});
