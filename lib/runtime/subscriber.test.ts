import { jest } from '@jest/globals';
import { buildClient, newAct, newTenantId, sqsEvent } from '../../test/support/builders.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { clientEvent } from '../domain/occurrence.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { logger } from './logger.ts';
import { subscribe } from './subscriber.ts';

const logged = jest.spyOn(logger, 'error').mockImplementation(() => undefined);
beforeEach(() => logged.mockClear());

const newEvent = (tenant: TenantId): DomainEvent => {
  const act = newAct({ tenant });
  return clientEvent(act, 'ClientCreated', buildClient(act, { firstName: 'Zulfiya' }));
};
/** As EventBridge wraps it. */
const wrapped = (detail: unknown): string =>
  JSON.stringify({ version: '0', id: 'x', source: 'crm', 'detail-type': 'ClientCreated', detail });

/** Notes what it is given, and fails for one tenant. */
const subscriber = (failing?: TenantId) => {
  const given = new Map<string, DomainEvent[]>();
  const handler = subscribe((tenant, events) => {
    given.set(tenant, [...(given.get(tenant) ?? []), ...events]);
    return tenant === failing ? Promise.reject(new Error('no')) : Promise.resolve();
  });
  return { given, handler };
};

describe('a subscriber', () => {
  it('is given the events of each tenant together, in their order', async () => {
    const [one, other] = [newTenantId(), newTenantId()];
    const events = [newEvent(one), newEvent(other), newEvent(one)];
    const { given, handler } = subscriber();
    expect(await handler(sqsEvent(events.map(wrapped)))).toEqual({ batchItemFailures: [] });
    expect(given.get(one)).toEqual([events[0], events[2]]);
    expect(given.get(other)).toEqual([events[1]]);
  });

  it('that cannot handle one tenant’s events is shown these again, and no other’s', async () => {
    const [one, other] = [newTenantId(), newTenantId()];
    const { given, handler } = subscriber(one);
    const bodies = [newEvent(one), newEvent(other), newEvent(one)].map(wrapped);
    const { batchItemFailures } = await handler(sqsEvent(bodies));
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual(['0', '2']);
    expect(given.get(other)).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{'],
    ['no event', '{}'],
    ['an event that is not of the catalogue', wrapped({ ...newEvent(newTenantId()), type: 'ClientExploded' })],
    ['an event of a tenant that there cannot be', wrapped({ ...newEvent(newTenantId()), tenantId: 'A#B' })],
    ['an event without its data', wrapped({ ...newEvent(newTenantId()), data: {} })],
  ])('handles all but %s', async (_, body) => {
    const tenant = newTenantId();
    const { given, handler } = subscriber();
    const bodies = [wrapped(newEvent(tenant)), body, wrapped(newEvent(tenant))];
    expect(await handler(sqsEvent(bodies))).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(given.get(tenant)).toHaveLength(2);
    expect([...given.keys()]).toEqual([tenant]);
    expect(JSON.stringify(logged.mock.calls)).not.toContain('Zulfiya');
  });
});
