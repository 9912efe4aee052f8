import fc from 'fast-check';
import { isQuiet } from './quiet-hours.ts';

const night = { from: '22:00', to: '07:30' };
const at = (instant: string): Date => new Date(instant);

describe('quiet hours', () => {
  it('last over midnight, in the time zone that is asked for', () => {
    // Tashkent is five hours ahead.
    expect(isQuiet(night, 'Asia/Tashkent', at('2026-03-01T16:59:59.999Z'))).toBe(false);
    expect(isQuiet(night, 'Asia/Tashkent', at('2026-03-01T17:00:00.000Z'))).toBe(true);
    expect(isQuiet(night, 'Asia/Tashkent', at('2026-03-01T19:00:00.000Z'))).toBe(true);
    expect(isQuiet(night, 'Asia/Tashkent', at('2026-03-02T02:29:59.999Z'))).toBe(true);
    expect(isQuiet(night, 'Asia/Tashkent', at('2026-03-02T02:30:00.000Z'))).toBe(false);
    expect(isQuiet(night, 'UTC', at('2026-03-01T19:00:00.000Z'))).toBe(false);
  });

  it('within a day begin at their first minute and end before their last', () => {
    const lunch = { from: '12:00', to: '13:00' };
    expect(isQuiet(lunch, 'UTC', at('2026-03-01T11:59:00.000Z'))).toBe(false);
    expect(isQuiet(lunch, 'UTC', at('2026-03-01T12:00:00.000Z'))).toBe(true);
    expect(isQuiet(lunch, 'UTC', at('2026-03-01T13:00:00.000Z'))).toBe(false);
  });

  it('may last until the end of the day', () => {
    const evening = { from: '20:00', to: '24:00' };
    expect(isQuiet(evening, 'UTC', at('2026-03-01T23:59:00.000Z'))).toBe(true);
    expect(isQuiet(evening, 'UTC', at('2026-03-02T00:00:00.000Z'))).toBe(false);
  });

  it('follow the clock when it is set forward and back', () => {
    const early = { from: '02:30', to: '03:30' };
    // In Berlin 02:00 became 03:00 on 29 March, at 01:00 UTC, and 03:00 became 02:00 on 25 October, at 01:00 UTC.
    expect(isQuiet(early, 'Europe/Berlin', at('2026-03-29T00:59:00.000Z'))).toBe(false);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-03-29T01:00:00.000Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-03-29T01:30:00.000Z'))).toBe(false);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-10-25T00:30:00.000Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-10-25T01:00:00.000Z'))).toBe(false);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-10-25T01:30:00.000Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Berlin', at('2026-10-25T02:30:00.000Z'))).toBe(false);
  });

  it('and their opposite share every moment between them', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const zone = fc.constantFrom('UTC', 'Asia/Tashkent', 'Europe/Berlin', 'America/St_Johns');
    const moment = fc.date({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, zone, moment, (from, to, name, now) => {
        fc.pre(from !== to);
        expect(isQuiet({ from, to }, name, now)).toBe(!isQuiet({ from: to, to: from }, name, now));
      }),
    );
  });
});
