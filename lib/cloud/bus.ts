import { DescribeEventBusCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { environment } from '../config/environment.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import type { FailedEntry } from './queues.ts';

const bus = new EventBridgeClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

/** Codes that say the event itself is wrong, so that repeating is useless. With any other the bus is away, or ours to mend. */
const faults = new Set(['MalformedDetail', 'InvalidArgument']);

const putTogether = async (events: readonly DomainEvent[]): Promise<FailedEntry[]> => {
  const { Entries = [] } = await bus.send(
    new PutEventsCommand({
      Entries: events.map((event) => ({
        EventBusName: environment().EVENT_BUS_NAME,
        Source: 'crm',
        DetailType: event.type,
        Time: new Date(event.occurredAt),
        Detail: JSON.stringify(event),
      })),
    }),
  );
  return Entries.flatMap(({ ErrorCode }, index) =>
    ErrorCode === undefined ? [] : [{ index, fault: faults.has(ErrorCode), reason: ErrorCode }],
  );
};

/** What the bus says of a request that is too large, whose entries it has not looked at. */
const isTooLarge = (error: unknown): error is Error => error instanceof Error && error.name === 'ValidationException';

/**
 * Puts up to 10 events on the bus. When they are too large for one request they are put by halves, so that at the most
 * one event that is too large by itself is refused.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const putEvents = async (events: readonly DomainEvent[]): Promise<FailedEntry[]> => {
  try {
    return await putTogether(events);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    if (events.length === 1) return [{ index: 0, fault: true, reason: error.name }];
    const middle = Math.ceil(events.length / 2);
    const first = await putEvents(events.slice(0, middle));
    const second = await putEvents(events.slice(middle));
    return [...first, ...second.map((entry) => ({ ...entry, index: entry.index + middle }))];
  }
};

/** Answers when the bus does. */
export const reachBus = async (): Promise<void> => {
  await bus.send(new DescribeEventBusCommand({ Name: environment().EVENT_BUS_NAME }));
};
