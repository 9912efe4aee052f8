import fc from 'fast-check';
import { DateTime } from 'luxon';
import { hasOffset } from '../contract/new-message.ts';
import { sendTime } from './send-time.ts';

const now = new Date('2026-03-01T12:00:00.000Z');

describe('the time at which a message is sent', () => {
  it.each([
    ['2026-03-02T09:30:00+05:00', 'UTC', '2026-03-02T04:30:00.000Z'],
    ['2026-03-02T09:30:00Z', 'UTC', '2026-03-02T09:30:00.000Z'],
    ['2026-03-02T09:30', 'Asia/Tashkent', '2026-03-02T04:30:00.000Z'],
    ['2026-07-02T09:30', 'Europe/Berlin', '2026-07-02T07:30:00.000Z'],
    // 02:00 becomes 03:00 on 29 March: 02:30 is not there.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    // 03:00 becomes 02:00 on 25 October: 02:30 is there twice.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
  ])('of %s in %s is %s', (sendAt, zone, expected) => {
    expect(sendTime(sendAt, zone, now)).toBe(expected);
  });

  it('is to come, and within a year', () => {
    expect(() => sendTime('2026-03-01T12:00:00Z', 'UTC', now)).toThrow('past');
    expect(sendTime('2026-03-01T12:00:00.001Z', 'UTC', now)).toBe('2026-03-01T12:00:00.001Z');
    expect(sendTime('2027-03-02T12:00:00Z', 'UTC', now)).toBe('2027-03-02T12:00:00.000Z');
    expect(() => sendTime('2027-03-02T12:00:01Z', 'UTC', now)).toThrow('at most');
  });

  it('reads on the clocks there as it was written, unless clocks skip it; then it is later', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Tashkent', 'Australia/Lord_Howe', 'UTC');
    const minutes = fc.integer({ min: 24 * 60, max: 360 * 24 * 60 });
    fc.assert(
      fc.property(zones, minutes, (zone, after) => {
        const local = new Date(now.getTime() + after * 60_000).toISOString().slice(0, 16);
        const shown =
          DateTime.fromISO(sendTime(local, zone, now))
            .setZone(zone)
            .toISO()
            ?.slice(0, 16) ?? '';
        expect(shown >= local).toBe(true);
        expect(Date.parse(`${shown}Z`) - Date.parse(`${local}Z`)).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });

  it('tells a local time from an instant', () => {
    expect(['2026-03-01T12:00', '2026-03-01T12:00:00.000'].map(hasOffset)).toEqual([false, false]);
    expect(['2026-03-01T12:00:00Z', '2026-03-01T12:00:00+05:00', '2026-03-01T12:00:00.5-05:30'].map(hasOffset)).toEqual(
      [true, true, true],
    );
  });
});
