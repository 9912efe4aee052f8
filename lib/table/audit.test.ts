import { v7 as uuidv7 } from 'uuid';
import { newEntry } from '../../test/support/audit-scene.ts';
import { newTenantId } from '../../test/support/builders.ts';
import type { AuditEntry } from '../contract/audit.ts';
import { listAudit, writeAudit } from './audit.ts';

const entries = (count: number): AuditEntry[] =>
  Array.from({ length: count }, (_, index) =>
    newEntry({ occurredAt: new Date(Date.UTC(2026, 0, 1 + index)).toISOString() }),
  );

describe('the audit log', () => {
  it('takes more entries than a batch holds, and lists them newest first', async () => {
    const tenant = newTenantId();
    const written = entries(60);
    await writeAudit(tenant, written);
    const { items, nextCursor } = await listAudit(tenant, {}, { limit: 100 });
    expect(items).toEqual(written.toReversed());
    expect(nextCursor).toBeNull();
  });

  it('holds an entry once, however often its event comes, also within one batch', async () => {
    const tenant = newTenantId();
    const entry = newEntry();
    await writeAudit(tenant, [entry, newEntry(), entry]);
    await writeAudit(tenant, [entry]);
    const { items } = await listAudit(tenant, {}, { limit: 100 });
    expect(items).toHaveLength(2);
  });

  it('is listed of one subject, of one actor, and of both', async () => {
    const tenant = newTenantId();
    const subject = { type: 'client', id: uuidv7() };
    const eva = { type: 'user', id: 'eva#1' } as const;
    const both = newEntry({ subject, actor: eva });
    const [ofSubject, ofActor] = [newEntry({ subject }), newEntry({ actor: eva })];
    await writeAudit(tenant, [both, ofSubject, ofActor, newEntry()]);
    const ids = async (filter: { subjectId?: string; actorId?: string }) =>
      (await listAudit(tenant, filter, { limit: 10 })).items.map(({ id }) => id).toSorted();
    expect(await ids({ subjectId: subject.id })).toEqual([both.id, ofSubject.id].toSorted());
    expect(await ids({ actorId: eva.id })).toEqual([both.id, ofActor.id].toSorted());
    expect(await ids({ subjectId: subject.id, actorId: eva.id })).toEqual([both.id]);
    expect((await listAudit(newTenantId(), {}, { limit: 10 })).items).toEqual([]);
  });
});
