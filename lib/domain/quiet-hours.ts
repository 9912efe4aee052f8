import { DateTime } from 'luxon';
import type { NotificationSettings } from '../contract/users.ts';

/**
 * Whether a clock on the wall of this time zone shows a quiet hour. Over midnight where the hours end earlier than they
 * begin. When clocks are set back, the hour that comes twice is quiet both times; one that is skipped never comes.
 */
export const isQuiet = (hours: NotificationSettings['quietHours'], timeZone: string, at: Date): boolean => {
  if (hours === null) return false;
  const time = DateTime.fromJSDate(at, { zone: timeZone }).toFormat('HH:mm');
  const [begun, goesOn] = [time >= hours.from, time < hours.to];
  return hours.from < hours.to ? begun && goesOn : begun || goesOn;
};
