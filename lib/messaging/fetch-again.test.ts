import { newAct, newArrival, newChannelId } from '../../test/support/builders.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { pendingPlaces } from '../domain/attachment.ts';
import { receivedMessage, type MessageRecord } from '../domain/message.ts';
import { fetchAgain, MOST_TRIES, waitBeforeTry } from './fetch-again.ts';

const act = newAct();
const media = ['one', 'two'].map((reference) => ({ reference, name: reference, contentType: 'image/png', size: 0 }));

/** A message whose files were tried so often. */
const tried = (tries: number): MessageRecord => {
  const { transport, text, providerMessageId } = newArrival().inbound;
  const message = receivedMessage(act, ClientIdSchema.parse(act.newId()), {
    transport,
    channelId: newChannelId(),
    sender: { type: 'sms', id: null, name: null, address: null, handle: null },
    text,
    media,
    providerMessageId,
    providerTime: null,
    editOf: null,
  });
  return { ...message, attachments: message.attachments.map((each) => ({ ...each, tries })) };
};

describe('files that should have been fetched by now', () => {
  it('are asked for again, and counted', () => {
    const { next, event } = fetchAgain(act, tried(0));
    expect(next.attachments).toMatchObject([
      { state: 'pending', tries: 1 },
      { state: 'pending', tries: 1 },
    ]);
    expect(next.dueAt).not.toBeNull();
    expect(event?.type).toBe('AttachmentRetried');
  });

  it('are waited for longer each time, up to an hour', () => {
    const waits = Array.from({ length: 3 * MOST_TRIES }, (_, tries) => waitBeforeTry(tries));
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(new Set(waits.slice(0, 5)).size).toBe(5);
    expect(Math.max(...waits)).toBe(3600);
  });

  it('are given up when fetching them breaks off each time', () => {
    let message = tried(0);
    let rounds = 0;
    for (; pendingPlaces(message).length > 0; rounds += 1) message = fetchAgain(act, message).next;
    expect(rounds).toBe(2 * MOST_TRIES + 1);
    expect(message.dueAt).toBeNull();
    expect(message.attachments).toMatchObject([{ error: { code: 'attachment.unavailable' } }, { state: 'failed' }]);
  });
});
