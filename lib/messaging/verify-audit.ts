import type { TenantId } from '../contract/vocabulary.ts';
import { firstDay, listDay, type StoredEntry } from '../table/audit.ts';
import { scanTable } from '../table/scan.ts';
import { sealedTenantOf } from '../table/seals.ts';
import { AuditWalk, type Finding } from './audit-walk.ts';

/** What became of the log of one tenant. */
export interface Verification {
  readonly tenant: TenantId;
  readonly findings: readonly Finding[];
  readonly seals: number;
  readonly entries: number;
  /** Sealed, and no longer kept. */
  readonly expired: number;
  /** Not sealed yet. */
  readonly unsealed: number;
  /** From before the first seal of all. */
  readonly older: number;
  /** Hash of the last seal: whoever keeps it elsewhere knows later that nothing was cut off. */
  readonly last: string | null;
}

const PAGE = 100;
const DAY_MS = 24 * 3600 * 1000;

const daysFrom = function* (first: string): Generator<string> {
  const today = new Date().toISOString().slice(0, 10);
  for (let day = first; day <= today; day = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)) yield day;
};

/** The first day of which anything is known, by the log itself or by its seals. */
const beginningOf = async (walk: AuditWalk): Promise<string | undefined> => {
  const known = [...walk.expected.keys()].reduce((one, other) => (one < other ? one : other), '~').slice(0, 10);
  const days = [known, await firstDay(walk.tenant)].filter((day) => day !== undefined && day !== '~');
  return days.toSorted()[0];
};

const walkDay = async (walk: AuditWalk, day: string): Promise<void> => {
  for (let after: string | undefined | null = null; after !== undefined;) {
    const page: StoredEntry[] = await listDay(walk.tenant, day, after ?? undefined, PAGE);
    for (const stored of page) await walk.judge(stored);
    after = page.at(-1)?.position;
  }
};

/**
 * Holds a tenant's audit log against its seals, while the system goes on. It keeps some hundred bytes of each entry in
 * memory.
 */
export const verifyAudit = async (tenant: TenantId): Promise<Verification> => {
  const walk = new AuditWalk(tenant);
  // In this order: what is sealed meanwhile is met twice rather than never.
  await walk.readUnsealed();
  await walk.readSeals();
  await walk.readHead();
  await walk.keepNow();
  const { unsealed } = walk;
  const first = await beginningOf(walk);
  if (first !== undefined) for (const day of daysFrom(first)) await walkDay(walk, day);
  walk.judgeRest();
  const { findings, seals, entries, expired, older, last } = walk;
  return { tenant, findings, seals, entries, expired, unsealed, older, last };
};

/** Whoever has an audit log. It reads the keys of the whole table. */
export const tenantsWithLogs = async (): Promise<TenantId[]> => {
  const tenants = new Set<TenantId>();
  for await (const items of scanTable()) {
    for (const { pk } of items) {
      const tenant = sealedTenantOf(pk);
      if (tenant !== undefined) tenants.add(tenant);
    }
  }
  return [...tenants].toSorted();
};
