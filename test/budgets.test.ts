import { jest } from '@jest/globals';
import { handler as markMessageRead } from '../functions/chats/mark-message-read.ts';
import { handler as sendMessage } from '../functions/chats/send-message.ts';
import { handler as receiveTwilio } from '../functions/webhooks/receive-twilio.ts';
import { read, readTogether, requestsOf, setStage, startChat } from './support/budget-stage.ts';
import { budgets } from './support/budgets.ts';
import { httpEvent } from './support/builders.ts';
import { sharedUrls } from './support/client.ts';
import { unique } from './support/random.ts';

/** Nothing that is cached grows old while requests are counted: the clock stands, and all else goes on. */
const stopClock = (): void => {
  const running = ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const;
  const timers = ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const;
  jest.useFakeTimers({ now: Date.now(), doNotFake: [...running, ...timers] });
};

let stage: Awaited<ReturnType<typeof setStage>>;
beforeAll(async () => {
  stopClock();
  stage = await setStage(sharedUrls());
});
afterAll(() => {
  jest.useRealTimers();
});

describe.each([5, 500])('with %i messages in the chat', (count) => {
  let chat: Awaited<ReturnType<typeof startChat>>;
  beforeAll(async () => {
    chat = await startChat(stage, count);
  });

  it.each(budgets)('$operation asks what is promised: $promised', async ({ promised, run }) => {
    expect(await run(stage, chat)).toEqual([...promised].sort());
  });

  it('what is repeated takes a read alone', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const event = () => stage.call({ chatId: chat.id }, { method: 'POST', body: { text: 'Salom' }, headers });
    await requestsOf(sendMessage, event(), 202);
    expect(await requestsOf(sendMessage, event(), 202)).toEqual([read]);
    const again = stage.call({ chatId: chat.id, messageId: chat.unread }, { method: 'PUT' });
    expect(await requestsOf(markMessageRead, again, 200)).toEqual([readTogether]);
  });
});

it('a webhook of a stranger writes nothing, and reads where it leads only', async () => {
  // Refusals are counted, and metrics are lines of the output.
  const output = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const event = httpEvent({
    method: 'POST',
    path: '/crm/webhooks/twilio',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'forged' },
    body: `AccountSid=AC1&To=${'1'.repeat(5_000)}&From=x`,
  });
  expect(await requestsOf(receiveTwilio, event, 401)).toEqual([]);
  const short = { ...event, body: 'AccountSid=AC1&To=1&From=x' };
  expect(await requestsOf(receiveTwilio, short, 401)).toEqual([read]);
  output.mockRestore();
});
