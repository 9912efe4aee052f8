import type { AuditEntry } from '../contract/audit.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { writeAudit } from '../table/audit.ts';

/** Who did what to what. Of the values only their names are kept. */
const entryOf = (event: DomainEvent): AuditEntry => ({
  id: event.id,
  type: event.type,
  occurredAt: event.occurredAt,
  actor: event.actor,
  subject: event.subject,
  correlationId: event.correlationId,
  changed: Object.keys(event.previous ?? {}),
});

/** Writes the audit entries of one tenant's events. A repeated event writes the same entry again. */
export const writeAuditOf = (tenant: TenantId, events: readonly DomainEvent[]): Promise<void> =>
  writeAudit(tenant, events.map(entryOf));
