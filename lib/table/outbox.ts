import type { DeadLetterId } from '../contract/dead-letters.ts';
import { ClientIdSchema, JobIdSchema, UploadIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { JobRecord } from '../domain/job.ts';
import type { WebhookDeliveryRecord } from '../domain/webhook-delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import type { Dispatch, Outbox, RedriveEntry } from '../events/outbox.ts';
import {
  channels,
  clientCollection,
  customFields,
  deadLetters,
  erasures,
  imports,
  jobKey,
  OUTBOX,
  segments,
  settingsKey,
  templates,
  uploadKey,
} from './keys.ts';
import { users, webhookDeliveries, webhookEndpoints } from './team-keys.ts';
import { put, type Step } from './transaction.ts';

const KEPT_SECONDS = 7 * 24 * 3600;

const outboxItem = (pk: string, id: string, at: string, content: Readonly<Record<string, unknown>>): Step =>
  put({ pk, sk: `${OUTBOX}${id}`, ...content, expiresAt: Math.floor(Date.parse(at) / 1000) + KEPT_SECONDS });

const outboxStep = (pk: string, id: string, at: string, outbox: Outbox): Step => outboxItem(pk, id, at, { outbox });

/** Whose is what this event is about? */
const clientOf = ({ data, subject }: DomainEvent): ClientId =>
  'clientId' in data ? data.clientId : ClientIdSchema.parse(subject.id);

/** An event stands in the collection of what it is about. */
export const collectionOf = (event: DomainEvent): string => {
  // Nothing enters a collection that was erased.
  if (event.type === 'ClientErased') return erasures(event.tenantId);
  if ('chatId' in event.data) return clientCollection(event.tenantId, event.data.chatId);
  switch (event.subject.type) {
    case 'client':
    case 'chat':
    case 'message':
    case 'member':
    case 'note':
    case 'interaction':
      return clientCollection(event.tenantId, clientOf(event));
    case 'channel':
      return channels(event.tenantId);
    case 'segment':
      return segments(event.tenantId);
    case 'template':
      return templates(event.tenantId);
    case 'upload':
      return uploadKey(event.tenantId, UploadIdSchema.parse(event.subject.id)).pk;
    case 'customField':
      return customFields(event.tenantId);
    case 'import':
      return imports(event.tenantId);
    case 'export':
      return jobKey(event.tenantId, JobIdSchema.parse(event.subject.id)).pk;
    case 'deadLetter':
      return deadLetters(event.tenantId);
    case 'webhookEndpoint':
      return webhookEndpoints(event.tenantId);
    case 'user':
      return users(event.tenantId);
    case 'settings':
      return settingsKey(event.tenantId).pk;
  }
};

/** Announces an event once the transaction it stands in is committed. */
export const announce = (event: DomainEvent): Step =>
  outboxStep(collectionOf(event), event.id, event.occurredAt, { event });

const dispatchOf = (tenant: TenantId, message: MessageRecord): Dispatch | undefined =>
  message.delivery === null
    ? undefined
    : {
        provider: message.delivery.provider,
        tenantId: tenant,
        chatId: message.chatId,
        messageId: message.id,
        dispatch: message.delivery.dispatch,
        ...(message.lane === 'bulk' && { bulk: true }),
      };

/** Puts an outbound message on its provider's queue once the transaction is committed; announces it when it is new. */
export const dispatch = (act: Act, message: MessageRecord, event?: DomainEvent): Step =>
  outboxStep(clientCollection(act.tenant, message.chatId), event?.id ?? act.newId(), instant(act.now()), {
    event,
    dispatch: dispatchOf(act.tenant, message),
  });

/** Puts an entry back on the queue where it was given up, once the transaction is committed. */
export const redriveEntry = (act: Act, redrive: RedriveEntry): Step =>
  outboxStep(deadLetters(act.tenant), act.newId(), instant(act.now()), { redrive });

/** Hands an outbox item on once more that could not be published. */
export const redriveOutbox = (act: Act, letterId: DeadLetterId, outbox: unknown): Step =>
  outboxItem(deadLetters(act.tenant), act.newId(), instant(act.now()), { outbox, letterId });

/** Puts a delivery to another system on its queue once the transaction is committed. */
export const announceDelivery = (act: Act, { endpointId, id, turn }: WebhookDeliveryRecord): Step =>
  outboxStep(webhookDeliveries(act.tenant, endpointId), act.newId(), instant(act.now()), {
    delivery: { tenantId: act.tenant, endpointId, deliveryId: id, turn },
  });

/** Puts a job on the jobs' queue once the transaction is committed. */
export const announceTurn = (act: Act, { id, turn }: Pick<JobRecord, 'id' | 'turn'>): Step =>
  outboxStep(jobKey(act.tenant, id).pk, act.newId(), instant(act.now()), {
    job: { tenantId: act.tenant, jobId: id, turn },
  });
