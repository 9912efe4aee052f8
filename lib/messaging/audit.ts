import type { AuditEntry } from '../contract/audit.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { writeAudit } from '../table/audit.ts';
import { touchSeals } from '../table/seals.ts';

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

/** Writes the audit entries of one tenant's events, to be sealed after the hour. A repeated event changes nothing. */
export const writeAuditOf = async (tenant: TenantId, events: readonly DomainEvent[]): Promise<void> => {
  await touchSeals(tenant, new Date());
  await writeAudit(tenant, events.map(entryOf));
};
