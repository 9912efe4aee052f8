import { DateTime } from 'luxon';
import type { BusinessHours } from '../contract/settings.ts';

/** By what clock a tenant works. */
export interface Clock {
  readonly timeZone: string;
  /** `null`: day and night. */
  readonly businessHours: BusinessHours | null;
}

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A day and an hour, 0 to 23, by the tenant's clock. */
export const localTime = (instant: string, timeZone: string): { readonly day: string; readonly hour: number } => {
  const local = DateTime.fromISO(instant, { zone: timeZone });
  return { day: local.toFormat('yyyy-MM-dd'), hour: local.hour };
};

export const today = (now: Date, timeZone: string): string => localTime(now.toISOString(), timeZone).day;

/** @param day YYYY-MM-DD */
export const daysAfter = (day: string, days: number): string =>
  DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');

/** How many days a range has, both ends included. */
export const daysIn = (from: string, to: string): number =>
  Math.round(DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days').days) + 1;

export const weekdayOf = (day: string): (typeof weekdays)[number] =>
  weekdays[DateTime.fromISO(day, { zone: 'utc' }).weekday - 1] ?? 'monday';

const momentOf = (day: DateTime, time: string): number => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  // Hours of the clock, not of time that has passed: nine o'clock is nine o'clock on the day the clocks change, too.
  return hour === 24 ? day.plus({ days: 1 }).toMillis() : day.set({ hour, minute }).toMillis();
};

/** How much of the time from one moment to another people were at work, in milliseconds. */
export const businessTime = (from: string, to: string, { timeZone, businessHours }: Clock): number => {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (end <= start) return 0;
  if (businessHours === null) return end - start;
  let worked = 0;
  for (
    let day = DateTime.fromMillis(start, { zone: timeZone }).startOf('day');
    day.toMillis() < end;
    day = day.plus({ days: 1 }).startOf('day')
  ) {
    for (const opening of businessHours[weekdays[day.weekday - 1] ?? 'monday']) {
      const [opens, closes] = [momentOf(day, opening.from), momentOf(day, opening.to)];
      worked += Math.max(0, Math.min(end, closes) - Math.max(start, opens));
    }
  }
  return worked;
};
