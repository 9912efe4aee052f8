import type { TenantId } from '../contract/vocabulary.ts';
import { changeEntryOf } from '../domain/change-entry.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { writeChanges } from '../table/history.ts';

/** Keeps what these events changed of clients, one transaction for each client. A repeated event writes the same again. */
export const writeHistoryOf = async (tenant: TenantId, events: readonly DomainEvent[]): Promise<void> => {
  const changes = events.flatMap((event) => changeEntryOf(event) ?? []);
  await Promise.all(
    [...Map.groupBy(changes, ({ clientId }) => clientId)].map(([clientId, group]) =>
      writeChanges(
        tenant,
        clientId,
        group.map(({ entry }) => entry),
      ),
    ),
  );
};
