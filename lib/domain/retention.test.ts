import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { SettingsInputSchema } from '../contract/settings.ts';
import { idAt, nextForgetting, oldestId, oldestInstant } from './retention.ts';

const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
const settings = (changes: object) => SettingsInputSchema.parse(changes);

describe('an id', () => {
  it('that was made before a time sorts before it, and one that was made then or later after it', () => {
    fc.assert(
      fc.property(at, at, (made, bound) => {
        expect(uuidv7({ msecs: made }) >= idAt(bound)).toBe(made >= bound);
      }),
    );
  });
});

describe('what is kept', () => {
  const now = new Date('2026-03-10T12:34:56.789Z');

  it('is everything, or what is so many days old', () => {
    expect(oldestInstant(settings({}), 'messages', now)).toBe('');
    expect(oldestId(settings({}), 'notes', now)).toBe('');
    const month = settings({ retention: { messages: 30, audit: 30 } });
    expect(oldestInstant(month, 'messages', now)).toBe('2026-02-08T12:34:56.789Z');
    expect(oldestInstant(month, 'audit', now)).toBe('2026-02-08T00:00:00.000Z');
    expect(oldestInstant(settings({ retention: { notes: 36_500 } }), 'notes', now)).toBe('1970-01-01T00:00:00.000Z');
  });

  it.each([
    ['UTC', '2026-03-11T03:00:00.000Z'],
    ['Asia/Tashkent', '2026-03-10T22:00:00.000Z'],
    ['America/Los_Angeles', '2026-03-11T10:00:00.000Z'],
  ])('is gone over in the next night of %s', (timeZone, next) => {
    expect(nextForgetting(settings({ timeZone, retention: { notes: 1 } }), now)).toBe(next);
    expect(nextForgetting(settings({ timeZone }), now)).toBeNull();
  });

  it('is gone over when it was due, though the settings change before somebody came to it', () => {
    const kept = settings({ retention: { notes: 1 } });
    const [past, future] = ['2026-03-10T03:00:00.000Z', '2026-03-10T22:00:00.000Z'];
    expect(nextForgetting(kept, now, past)).toBe(past);
    expect(nextForgetting(kept, now, future)).toBe('2026-03-11T03:00:00.000Z');
    expect(nextForgetting(settings({}), now, past)).toBeNull();
  });

  it('is gone over some time from now and within two days, wherever that is', () => {
    const zones = fc.constantFrom('UTC', 'Asia/Tashkent', 'America/Los_Angeles', 'Europe/Zagreb', 'Pacific/Apia');
    fc.assert(
      fc.property(zones, at, (timeZone, time) => {
        const next = nextForgetting(settings({ timeZone, retention: { notes: 1 } }), new Date(time));
        const left = Date.parse(next ?? '') - time;
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(49 * 3600 * 1000);
      }),
    );
  });
});
