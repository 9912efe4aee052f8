import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { failed, pendingPlaces, withAttachment } from '../domain/attachment.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import type { MessageChange } from '../table/messages.ts';

/** How often a file is tried before it shows as failed: over some three hours. */
export const MOST_TRIES = 8;
const LONGEST_WAIT_SECONDS = 3600;

/** Longer after every try, counted from the time at which the due job looks for what was lost. */
export const waitBeforeTry = (tries: number): number =>
  Math.min(LONGEST_WAIT_SECONDS, environment().SETTLE_SECONDS * 2 ** tries);

/** Even one whose fetching breaks off each time before it can say why. */
const MOST_LOOKS = 2 * MOST_TRIES;

/** Files that should have been fetched by now are asked for again; nobody asks for ever. */
export const fetchAgain = (act: Act, message: MessageRecord): MessageChange => {
  const dueAt = (tries: number) =>
    secondsAfter(act.now(), Math.max(environment().REDISPATCH_SECONDS, waitBeforeTry(tries)));
  const tries = Math.max(
    0,
    ...message.attachments.filter(({ state }) => state === 'pending').map((each) => each.tries),
  );
  if (tries >= MOST_LOOKS) {
    const error = { code: 'attachment.unavailable', detail: 'It could not be fetched in many attempts.' };
    const next = pendingPlaces(message).reduce((after, place) => withAttachment(after, place, failed(error)), message);
    return { next: { ...next, dueAt: null }, event: messageEvent(act, 'AttachmentFailed', next, message) };
  }
  const attachments = message.attachments.map((each) =>
    each.state === 'pending' ? { ...each, tries: each.tries + 1 } : each,
  );
  const next = { ...message, attachments, dueAt: dueAt(tries), revision: message.revision + 1 };
  return { next, event: messageEvent(act, 'AttachmentRetried', next, message) };
};
