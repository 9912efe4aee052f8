import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { describeError, logger } from './logger.ts';

/** EventBridge's envelope. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const EnvelopeSchema = z.object({ detail: DomainEventSchema });

interface Received {
  readonly messageId: string;
  readonly event: DomainEvent | undefined;
}

const read = ({ messageId, body }: SQSRecord): Received => {
  try {
    return { messageId, event: EnvelopeSchema.parse(JSON.parse(body)).detail };
  } catch (error) {
    logger.error('event cannot be read', { entry: messageId, ...describeError(error) });
    return { messageId, event: undefined };
  }
};

/**
 * A handler of a subscriber's queue: events are handled tenant by tenant. When one tenant's cannot be handled only they
 * are shown again; an event that cannot be read ends among the queue's dead letters.
 */
export const subscribe =
  (handle: (tenant: TenantId, events: readonly DomainEvent[]) => Promise<void>) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const received = Records.map(read);
    const failed = received.filter(({ event }) => event === undefined).map(({ messageId }) => messageId);
    const byTenant = Map.groupBy(received, ({ event }) => event?.tenantId);
    await Promise.all(
      [...byTenant].map(async ([tenant, group]) => {
        if (tenant === undefined) return;
        try {
          await handle(
            tenant,
            group.flatMap(({ event }) => event ?? []),
          );
        } catch (error) {
          logger.error('events could not be handled', { tenant, ...describeError(error) });
          failed.push(...group.map(({ messageId }) => messageId));
        }
      }),
    );
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
