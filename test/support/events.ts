import * as z from 'zod';
import { DomainEventSchema, type DomainEvent, type EventOf, type EventType } from '../../lib/events/catalogue.ts';
import { call } from '../../local/http-client.ts';
import { read } from './answers.ts';
import { eventually, sharedUrls } from './client.ts';

const EnvelopeSchema = z.object({ source: z.literal('crm'), 'detail-type': z.string(), detail: DomainEventSchema });
const EventsSchema = z.object({ items: z.array(EnvelopeSchema) });

/**
 * What has arrived on the bus about a tenant, newest last, read by the catalogue's schemas. The bus may repeat itself:
 * repeats are dropped by id, as a consumer would.
 */
const allEventsOf = async (tenant: string): Promise<DomainEvent[]> => {
  const { items } = read(await call('GET', `${sharedUrls().bus}/events?tenantId=${tenant}`), 200, EventsSchema);
  for (const item of items) expect(item['detail-type']).toBe(item.detail.type);
  return [...new Map(items.map(({ detail }) => [detail.id, detail])).values()];
};

/** As above, but for what every tenant begins with: that its users appear. */
export const eventsOf = async (tenant: string): Promise<DomainEvent[]> =>
  (await allEventsOf(tenant)).filter(({ type }) => type !== 'UserCreated');

const isOf =
  <Type extends EventType>(type: Type, subjectId: string | undefined) =>
  (event: DomainEvent): event is EventOf<Type> =>
    event.type === type && (subjectId === undefined || event.subject.id === subjectId);

/** The one event of this type, about this subject if said, as soon as it has arrived. */
export const eventOf = <Type extends EventType>(
  tenant: string,
  type: Type,
  subjectId?: string,
): Promise<EventOf<Type>> =>
  eventually(async () => {
    const events = (await allEventsOf(tenant)).filter(isOf(type, subjectId));
    const [event] = events;
    if (event === undefined) throw new Error(`No ${type} has arrived.`);
    expect(events).toHaveLength(1);
    return event;
  });
