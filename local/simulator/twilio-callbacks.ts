import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { Simulator } from './channel.ts';
import { roll } from './faults.ts';
import type { TrackedMessage } from './state.ts';
import { plain, UNDELIVERABLE } from './twilio-refusals.ts';

interface Stage {
  readonly status: string;
  readonly errorCode?: number;
}

/** https://www.twilio.com/docs/api/errors/63019 */
const MEDIA_UNFETCHED = 63019;

/** https://www.twilio.com/docs/api/errors/63016 */
const OUTSIDE_WINDOW = 63016;

/** The way of a message. https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks */
const stagesOf = ({ to, status, unfetched, outsideWindow }: TrackedMessage): readonly Stage[] => {
  if (outsideWindow === true) return [{ status: 'queued' }, { status: 'failed', errorCode: OUTSIDE_WINDOW }];
  if (unfetched === true) return [{ status: 'queued' }, { status: 'failed', errorCode: MEDIA_UNFETCHED }];
  const errorCode = UNDELIVERABLE.get(plain(to));
  const last: Stage = errorCode === undefined ? { status: 'delivered' } : { status: 'undelivered', errorCode };
  const all: readonly Stage[] = [{ status: 'queued' }, { status: 'sent' }, last];
  // A message met on its way, after a restart, goes on from where it was.
  return status === 'queued' ? all : all.slice(all.findIndex((stage) => stage.status === status) + 1);
};

const callbackForm = (message: TrackedMessage, { status, errorCode }: Stage): Record<string, string> => ({
  SmsSid: message.sid,
  SmsStatus: status,
  MessageStatus: status,
  To: message.to,
  MessageSid: message.sid,
  AccountSid: message.account,
  From: message.from,
  ApiVersion: '2010-04-01',
  ...(message.to.startsWith('whatsapp:') ? { ChannelPrefix: 'whatsapp', ChannelToAddress: message.to } : {}),
  ...(errorCode === undefined ? {} : { ErrorCode: String(errorCode) }),
});

/** Headers and body of a webhook as Twilio signs it; what follows `#` in an address is for Twilio alone. */
export const signedPost = (address: string, authToken: string, form: Record<string, string>) => {
  const url = address.replace(/#.*$/, '');
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'TwilioProxy/1.1',
      'i-twilio-idempotency-token': crypto.randomUUID(),
      'x-twilio-signature': getExpectedTwilioSignature(authToken, url, form),
    },
    body: new URLSearchParams(form).toString(),
  };
};

/** Posts one callback, as the faults would have it. Twilio does not repeat one that fails. */
const post = async ({ state, faults, deliveries }: Simulator, message: TrackedMessage, stage: Stage): Promise<void> => {
  const token = state.accountToken(message.account);
  if (message.statusCallbackUrl === undefined || token === undefined) return;
  const { dropCallbacks, duplicateCallbacks } = faults.of('twilio', plain(message.to));
  if (roll(dropCallbacks)) return;
  const callback = signedPost(message.statusCallbackUrl, token, callbackForm(message, stage));
  const times = roll(duplicateCallbacks) ? 2 : 1;
  await Promise.all(Array.from({ length: times }, () => deliveries.post(callback)));
};

const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
  items
    .map((item) => ({ item, order: Math.random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item);

const reach = (simulator: Simulator, sid: string, stage: Stage): void => {
  if (stage.status !== 'queued') {
    simulator.state.record({ type: 'twilio-status', sid, ...stage, at: new Date().toISOString() });
  }
};

/** Takes a message through its stages, one after the other, each with its callback. */
export const deliverWithCallbacks = (simulator: Simulator, sid: string): void => {
  const message = simulator.state.message(sid);
  if (!message) return;
  const { shuffleCallbacks, callbackDelayMs } = simulator.faults.of('twilio', plain(message.to));
  const stages = stagesOf(message);
  const order = roll(shuffleCallbacks) ? shuffled(stages) : stages;
  stages.forEach((stage, index) => {
    simulator.deliveries.later(callbackDelayMs * (index + 1), async () => {
      reach(simulator, sid, stage);
      await post(simulator, message, order[index] ?? stage);
    });
  });
};

/** Messages that were on their way when the simulator stopped. */
export const resumeCallbacks = (simulator: Simulator): void => {
  for (const { sid, direction, status } of simulator.state.allMessages()) {
    if (direction === 'outbound-api' && (status === 'queued' || status === 'sent'))
      deliverWithCallbacks(simulator, sid);
  }
};

/** The customer opens the conversation on WhatsApp: what was delivered is read. Answers with how many. */
export const readAll = async (simulator: Simulator, to: string): Promise<number> => {
  const read = simulator.state
    .allMessages()
    .filter(
      (message) =>
        plain(message.to) === plain(to) && message.to.startsWith('whatsapp:') && message.status === 'delivered',
    );
  for (const message of read) reach(simulator, message.sid, { status: 'read' });
  await Promise.all(read.map((message) => post(simulator, message, { status: 'read' })));
  return read.length;
};
