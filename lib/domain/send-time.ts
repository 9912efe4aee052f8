import { DateTime } from 'luxon';
import { hasOffset } from '../contract/new-message.ts';
import { instant, secondsAfter } from './act.ts';
import { Failure } from './failure.ts';

/** A year, and a day for leap years. */
const LATEST_SECONDS = 366 * 24 * 3600;

/**
 * The instant of a local time. One that two instants have, because clocks were put back, is the earlier of them; one
 * that clocks skip is as much later as they were put forward: 02:30 of a night in which 02:00 became 03:00 is 03:30.
 * So do calendars and Temporal. https://tc39.es/proposal-temporal/docs/ambiguity.html
 *
 * @param zone of the IANA database
 */
const instantOfLocal = (local: string, zone: string): Date => {
  const [earliest] = DateTime.fromISO(local, { zone }).getPossibleOffsets();
  if (earliest?.isValid !== true) throw new Failure('message.send-time', `There is no such time in ${zone}.`);
  return earliest.toJSDate();
};

/**
 * When a message is to be sent, ISO 8601 in UTC.
 *
 * @param zone where `sendAt` is a local time
 * @throws Failure `message.send-time` for what is not to come, or comes later than in a year
 */
export const sendTime = (sendAt: string, zone: string, now: Date): string => {
  const at = instant(hasOffset(sendAt) ? new Date(sendAt) : instantOfLocal(sendAt, zone));
  if (at <= instant(now)) throw new Failure('message.send-time', `It is ${instant(now)}: this time is past.`);
  const latest = secondsAfter(now, LATEST_SECONDS);
  if (at > latest) throw new Failure('message.send-time', `Messages are scheduled until ${latest} at most.`);
  return at;
};
