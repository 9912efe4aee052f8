import fc from 'fast-check';
import type { BusinessHours } from '../contract/settings.ts';
import { businessTime, daysAfter, daysIn, localTime, weekdayOf, weekdays } from './business-time.ts';

/** All openings begin and end with one, and so do all changes of clocks. */
const QUARTER = 15 * 60_000;

/** Their clocks change at night, two or three o'clock, or not at all. */
const timeZone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Tashkent', 'Asia/Kolkata', 'UTC');

/** Openings whose ends no change of clocks meets; one from midnight on may have an hour more, or less. */
const openings = fc.constantFrom<BusinessHours['monday']>(
  [],
  [{ from: '09:00', to: '18:00' }],
  [
    { from: '00:00', to: '04:30' },
    { from: '05:15', to: '24:00' },
  ],
  [{ from: '00:00', to: '24:00' }],
  [
    { from: '08:30', to: '12:00' },
    { from: '13:00', to: '17:45' },
  ],
);
const businessHours: fc.Arbitrary<BusinessHours> = fc.record({
  monday: openings,
  tuesday: openings,
  wednesday: openings,
  thursday: openings,
  friday: openings,
  saturday: openings,
  sunday: openings,
});

/** Around the nights in which clocks change in Europe and America. */
const start = fc
  .tuple(
    fc.constantFrom('2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01', '2026-07-01'),
    fc.integer({ min: -200, max: 200 }),
  )
  .map(([day, quarters]) => Date.parse(`${day}T00:00:00.000Z`) + quarters * QUARTER);

const formatters = new Map<string, Intl.DateTimeFormat>();
const formatterOf = (zone: string): Intl.DateTimeFormat => {
  const form = { weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const formatter = formatters.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...form });
  formatters.set(zone, formatter);
  return formatter;
};

/** Whether people are at work, as a wall clock and a calendar would tell. */
const isOpen = (at: number, zone: string, hours: BusinessHours): boolean => {
  const parts = formatterOf(zone).formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  const day = weekdays.find((name) => name === part('weekday').toLowerCase()) ?? 'monday';
  return hours[day].some(({ from, to }) => from <= time && time < to);
};

describe('time within business hours', () => {
  it('is that of the quarters of an hour in which people were at work, also where clocks change', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 270 }), timeZone, businessHours, (from, quarters, zone, hours) => {
        const clock = { timeZone: zone, businessHours: hours };
        const worked = Array.from({ length: quarters }, (_, at) => from + at * QUARTER).filter((at) =>
          isOpen(at, zone, hours),
        );
        const told = businessTime(
          new Date(from).toISOString(),
          new Date(from + quarters * QUARTER).toISOString(),
          clock,
        );
        expect(told).toBe(worked.length * QUARTER);
      }),
      { numRuns: 60 },
    );
  });

  it('is all of the time where people work day and night, and none of it before something began', () => {
    const clock = { timeZone: 'Asia/Tashkent', businessHours: null };
    expect(businessTime('2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.500Z', clock)).toBe(172_800_500);
    expect(businessTime('2026-01-03T00:00:00.000Z', '2026-01-01T00:00:00.000Z', clock)).toBe(0);
  });
});

it("days and hours are by the tenant's clock", () => {
  expect(localTime('2026-01-31T20:15:00.000Z', 'Asia/Tashkent')).toEqual({ day: '2026-02-01', hour: 1 });
  // Clocks go from 02:00 to 03:00, and from 03:00 back to 02:00: 23 hours of one day, and 25 of another.
  const inBerlin = (instant: string) => Object.values(localTime(instant, 'Europe/Berlin'));
  expect(inBerlin('2026-03-29T00:59:59.999Z')).toEqual(['2026-03-29', 1]);
  expect(inBerlin('2026-03-29T01:00:00.000Z')).toEqual(['2026-03-29', 3]);
  expect(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'].map(inBerlin)).toEqual([
    ['2026-10-25', 2],
    ['2026-10-25', 2],
  ]);
  expect(inBerlin('2026-10-25T22:59:59.999Z')).toEqual(['2026-10-25', 23]);
  expect(daysAfter('2026-02-27', 3)).toBe('2026-03-02');
  expect(daysIn('2026-02-27', '2026-03-02')).toBe(4);
  expect(weekdayOf('2026-03-02')).toBe('monday');
});
