import type { WebhookAttempt } from '../contract/webhook-endpoints.ts';
import { newAct } from '../../test/support/builders.ts';
import { secondsAfter } from './act.ts';
import {
  afterAttempt,
  newEndpoint,
  newEndpointId,
  rotatedEndpoint,
  signingSecrets,
  type WebhookEndpointRecord,
} from './webhook-endpoint.ts';

const START = new Date('2030-01-01T00:00:00.000Z');
const HOUR = 3600;
const DAY = 24 * HOUR;
const actAt = (seconds: number) => newAct({ now: () => new Date(START.getTime() + seconds * 1000) });
const answered = (status: number | null): WebhookAttempt => ({ at: '', durationMs: 1, status, error: null });

const fresh = (): WebhookEndpointRecord => {
  const act = actAt(0);
  const input = { url: 'https://example.com', description: null, eventTypes: ['*'], status: 'active' as const };
  return newEndpoint(act, newEndpointId(act), input, 'first');
};

describe('an endpoint', () => {
  it('is disabled after days in which nothing was taken, and not for a moment long after an old failure', () => {
    const failing = afterAttempt(actAt(0), fresh(), answered(500), 1);
    expect(failing).toMatchObject({ status: 'active', failingSince: START.toISOString(), version: 1 });
    expect(afterAttempt(actAt(2 * DAY), failing, answered(null), 9)).toBe(failing);
    expect(afterAttempt(actAt(10 * DAY), failing, answered(500), 1)).toBe(failing);
    const disabled = { status: 'disabled', disabledBecause: 'failing', version: 2 };
    expect(afterAttempt(actAt(10 * DAY), failing, answered(500), 5)).toMatchObject(disabled);
    expect(afterAttempt(actAt(10 * DAY), failing, answered(204), 2)).toMatchObject({ failingSince: null, version: 1 });
  });

  it('that says it is gone is disabled at once', () => {
    const gone = { status: 'disabled', disabledBecause: 'gone', version: 2 };
    expect(afterAttempt(actAt(0), fresh(), answered(410), 1)).toMatchObject(gone);
  });

  it('signs with each former secret for a day, however often it is changed', () => {
    const once = rotatedEndpoint(actAt(0), fresh(), 'second');
    const twice = rotatedEndpoint(actAt(23 * HOUR), once, 'third');
    const at = (hours: number) => signingSecrets(twice, secondsAfter(START, hours * HOUR)).map(({ sealed }) => sealed);
    expect(at(23.5)).toEqual(['third', 'second', 'first']);
    expect(at(25)).toEqual(['third', 'second']);
    expect(at(48)).toEqual(['third']);
    expect(rotatedEndpoint(actAt(48 * HOUR), twice, 'fourth').secrets).toHaveLength(2);
  });
});
