import { isSigned } from '../cloud/seals.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { digestOf, hashOfEntry, hashOfSeal, positionOf, type Seal } from '../domain/seal.ts';
import type { StoredEntry } from '../table/audit.ts';
import { findSealHead, isUnsealed, listSeals, listUnsealed, sha256, type SealHead } from '../table/seals.ts';
import { knownSettings } from '../table/settings.ts';

export interface Finding {
  readonly what: 'changed entry' | 'missing entry' | 'added entry' | 'broken seal' | 'missing seal';
  /** An entry's position, or a seal's number. */
  readonly which: string;
  readonly why: string;
}

interface Expected {
  readonly hash: string;
  /** In which seal; undefined: in none yet. */
  readonly seal: number | undefined;
}

const PAGE = 100;
const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** What is wrong with a seal itself, after the one before it. */
const faultOf = async (tenant: TenantId, seal: Seal, previous: string | null): Promise<string | undefined> => {
  const positions = seal.entries.map(({ position }) => position);
  if (positions.some((position, at) => at > 0 && (positions[at - 1] ?? '') >= position))
    return 'its entries are not in order';
  if (seal.count !== seal.entries.length || seal.digest !== digestOf(seal.entries, sha256))
    return 'its entries are not those that were sealed';
  if (seal.hash !== hashOfSeal(tenant, seal, sha256)) return 'it is not as it was sealed';
  if (!(await isSigned(tenant, seal.hash, seal.signature))) return 'its signature is not ours';
  return seal.previous === previous ? undefined : 'it does not follow the seal before it';
};

/** Everything that is known of one tenant's log while it is walked. */
export class AuditWalk {
  readonly tenant: TenantId;
  readonly findings: Finding[] = [];
  readonly expected = new Map<string, Expected>();
  seals = 0;
  entries = 0;
  expired = 0;
  older = 0;
  since = '';
  #number = 0;
  #last: string | null = null;
  /** Before then entries may have gone by their retention. */
  #keptFrom = '';
  #keptDays: number | null = null;

  constructor(tenant: TenantId) {
    this.tenant = tenant;
  }

  get last(): string | null {
    return this.#last;
  }

  /** How many entries are in no seal yet. */
  get unsealed(): number {
    return [...this.expected.values()].filter(({ seal }) => seal === undefined).length;
  }

  find(what: Finding['what'], which: string | number, why: string): void {
    this.findings.push({ what, which: String(which), why });
  }

  /** Whatever is in no seal yet. */
  async readUnsealed(): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await listUnsealed(this.tenant, '~', PAGE, after);
      for (const { position, hash } of page) this.expected.set(position, { hash, seal: undefined });
      after = page.at(-1)?.position;
    }
  }

  /** All seals after the last one that was read. */
  async readSeals(): Promise<void> {
    for (;;) {
      const page = await listSeals(this.tenant, this.#number, PAGE);
      for (const { number, seal } of page) {
        for (let gone = this.#number + 1; gone < number; gone += 1) this.#miss(gone);
        await this.#take(number, seal);
        this.#number = number;
      }
      if (page.length === 0) return;
    }
  }

  /** Says whether the last seal is there, and whether the next one should be. */
  async readHead(): Promise<void> {
    const head = await findSealHead(this.tenant);
    if (head === undefined) {
      if (this.seals > 0) this.find('broken seal', 'HEAD', 'nothing says which seal is the last');
      this.#expectNext(null);
      return;
    }
    this.since ||= head.since;
    if (head.number > this.#number) await this.readSeals();
    for (let gone = this.#number + 1; gone <= head.number; gone += 1) this.#miss(gone);
    if (head.number === this.#number && head.hash !== this.#last)
      this.find('broken seal', this.#number, 'it is not the one that was last');
    this.#expectNext(head.dueAt);
  }

  /** What waits to be sealed is not told from what was changed while it waits: it may not wait for long. */
  #expectNext(dueAt: SealHead['dueAt']): void {
    if (this.unsealed === 0) return;
    if (dueAt === null) this.find('missing seal', this.#number + 1, 'entries wait for it, and nobody is to make it');
    else if (Date.parse(dueAt) + HOUR_MS < Date.now())
      this.find('missing seal', this.#number + 1, `entries wait for it, and it was due at ${dueAt}`);
  }

  #miss(number: number): void {
    this.find('missing seal', number, 'there is none with this number');
    this.#last = null;
  }

  async #take(number: number, seal: Seal | undefined): Promise<void> {
    this.seals += 1;
    if (seal?.number !== number) {
      this.find('broken seal', number, 'it cannot be read');
      this.#last = null;
      return;
    }
    const fault = await faultOf(this.tenant, seal, this.#last);
    // After one that is missing or unreadable the chain starts anew: that one is named already.
    if (fault !== undefined && !(this.#last === null && number > 1 && fault.startsWith('it does not follow')))
      this.find('broken seal', number, fault);
    this.#last = seal.hash;
    this.since ||= seal.since;
    this.keep(seal.sealedAt, this.#keptDays);
    this.keep(seal.sealedAt, seal.keptDays);
    this.#keptDays = seal.keptDays;
    for (const { position, hash } of seal.entries) this.expected.set(position, { hash, seal: number });
  }

  /** At this time entries were kept for so many days. */
  keep(at: string, days: number | null): void {
    if (days === null) return;
    const from = new Date(Date.parse(at) - days * DAY_MS).toISOString();
    if (from > this.#keptFrom) this.#keptFrom = from;
  }

  async keepNow(): Promise<void> {
    const now = new Date().toISOString();
    this.keep(now, this.#keptDays);
    this.keep(now, (await knownSettings(this.tenant)).retention.audit);
  }

  async judge({ position, entry }: StoredEntry): Promise<void> {
    this.entries += 1;
    const expected = this.expected.get(position) ?? (await this.#lookAgain(position));
    this.expected.delete(position);
    if (expected === undefined) {
      if (position < this.since) this.older += 1;
      else this.find('added entry', position, 'it is in no seal, and does not wait for one');
      return;
    }
    const isSame =
      entry !== undefined && positionOf(entry) === position && hashOfEntry(entry, sha256) === expected.hash;
    if (!isSame) this.find('changed entry', position, this.#where(expected));
  }

  /** Entries that nobody has come upon: gone by their time, or by somebody. Exactly when one goes is up to its deletion. */
  judgeRest(): void {
    for (const [position, expected] of this.expected) {
      if (position < this.#keptFrom) this.expired += 1;
      else this.find('missing entry', position, this.#where(expected));
    }
  }

  #where({ seal }: Expected): string {
    return seal === undefined ? 'it waits to be sealed' : `it is in seal ${seal}`;
  }

  /** It may have been written, or sealed, since we looked. */
  async #lookAgain(position: string): Promise<Expected | undefined> {
    if (await isUnsealed(this.tenant, position)) await this.readUnsealed();
    else await this.readSeals();
    return this.expected.get(position);
  }
}
