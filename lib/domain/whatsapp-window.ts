import type { Chat } from '../contract/chats.ts';
import { secondsAfter } from './act.ts';
import { routeBack, whatsappRoute, type ChatRecord } from './chat.ts';
import type { MessageRecord } from './message.ts';

/** https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window */
const WINDOW_SECONDS = 24 * 3600;

export const windowClosed =
  'The client did not write on WhatsApp in the 24 hours before: it takes nothing but content templates now.';

const endOf = (at: string): string => secondsAfter(new Date(at), WINDOW_SECONDS);

/** Until when a client can be written to in one's own words, on the number that it last wrote to. */
export const windowOf = (chat: Pick<ChatRecord, 'routesBack'>, now: Date): Chat['whatsapp'] => {
  const at = routeBack(chat, 'whatsapp')?.at;
  if (at === undefined) return null;
  const windowEndsAt = endOf(at);
  return { windowOpen: now.toISOString() < windowEndsAt, windowEndsAt };
};

type Addressed = Pick<MessageRecord, 'transport' | 'channelId' | 'content' | 'delivery'>;

/**
 * Whether WhatsApp would not take this message at this time: more than 24 hours after the client last wrote from this
 * address to this number, it takes nothing but templates.
 *
 * @param at ISO 8601
 */
export const isOutsideWindow = (
  { routesBack }: Pick<ChatRecord, 'routesBack'>,
  { transport, channelId, content, delivery }: Addressed,
  at: string,
): boolean => {
  if (transport !== 'whatsapp' || content !== null || channelId === null) return false;
  const way = routesBack[whatsappRoute(channelId)];
  return way?.at === undefined || way.address !== delivery?.to || at >= endOf(way.at);
};

/** A chat as the API shows it at this time. */
export const showChat = <Shown extends Pick<ChatRecord, 'routesBack'>>(
  chat: Shown,
  now: Date,
): Shown & Pick<Chat, 'whatsapp'> => ({ ...chat, whatsapp: windowOf(chat, now) });
