import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { doubt, fail } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import type { Dispatch } from '../events/outbox.ts';
import { changeMessage, type MessageChange } from '../table/messages.ts';

/** An outcome nobody knows: the due job asks for it if that can be done. */
export const doubted = (act: Act, message: MessageRecord, token: string): MessageChange | undefined => {
  const next = doubt(message, token, secondsAfter(act.now(), environment().SETTLE_SECONDS));
  return next && { next, event: messageEvent(act, 'MessageUnknown', next, message) };
};

/** No further attempt is made. */
export const giveUp = (act: Act, message: MessageRecord, code: string, detail: string): MessageChange | undefined => {
  const next = fail(message, { code, detail });
  return next && { next, event: messageEvent(act, 'MessageFailed', next, message) };
};

/** Ends a message that no sender will ever take, because its channel is gone. */
export const abandon = (
  act: Act,
  { chatId, messageId }: Pick<Dispatch, 'chatId' | 'messageId'>,
  code: string,
  detail: string,
) =>
  changeMessage(act, chatId, messageId, (message) =>
    message.status === 'queued' ? giveUp(act, message, code, detail) : undefined,
  );

/** Ends a message that its queue gave up on. One that was put there again since is not given up. */
export const abandonDispatch = (act: Act, { chatId, messageId, dispatch }: Dispatch): Promise<unknown> =>
  changeMessage(act, chatId, messageId, (message) =>
    message.status === 'queued' && message.delivery?.dispatch === dispatch
      ? giveUp(act, message, 'delivery.exhausted', 'It could not be handed to its provider in many attempts.')
      : undefined,
  );
