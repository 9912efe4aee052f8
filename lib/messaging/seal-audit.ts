import { signSeal } from '../cloud/seals.ts';
import { instant, type Act } from '../domain/act.ts';
import { hourOf, newSeal } from '../domain/seal.ts';
import { addSeal, findSealHead, listUnsealed, nextSealing, restSeals, sha256, type SealHead } from '../table/seals.ts';
import { knownSettings } from '../table/settings.ts';
import { Raced } from '../table/transaction.ts';

/** A transaction takes a hundred items: the seal, the head, and what is in no seal yet of each entry. */
const MOST_ENTRIES = 90;
/** What is left is for the next run, a minute later. */
const MOST_SEALS = 40;

/** Nothing is left of the hours that are over. What a clock ahead of ours has dated into a later one is not forgotten. */
const rest = async ({ tenant }: Act, head: SealHead, hour: string): Promise<void> => {
  const isMore = head.touched >= hour || (await listUnsealed(tenant, '~', 1)).length > 0;
  await restSeals(tenant, head, isMore ? nextSealing(tenant, hour) : null);
};

/** Seals the oldest of what is not sealed. @returns whether there may be more */
const sealNext = async (act: Act): Promise<boolean> => {
  const { tenant } = act;
  const head = await findSealHead(tenant);
  if (head?.dueAt === undefined || head.dueAt === null || head.dueAt > instant(act.now())) return false;
  const hour = hourOf(act.now());
  const entries = await listUnsealed(tenant, hour, MOST_ENTRIES);
  if (entries.length === 0) {
    await rest(act, head, hour);
    return false;
  }
  const { retention } = await knownSettings(tenant);
  const seal = newSeal(
    tenant,
    {
      number: head.number + 1,
      sealedAt: instant(act.now()),
      since: head.since,
      keptDays: retention.audit,
      previous: head.hash,
      entries,
    },
    sha256,
  );
  await addSeal(tenant, { ...seal, signature: await signSeal(tenant, seal.hash) });
  return true;
};

/**
 * Seals what was entered into the audit log before this hour, and came late before. One read, one query and one
 * transaction for each 90 entries. Whatever breaks off is gone on with in the next run; of two at once each entry is
 * sealed by one.
 */
export const sealAudit = async (act: Act): Promise<void> => {
  for (let done = 0; done < MOST_SEALS; done += 1) {
    try {
      if (!(await sealNext(act))) return;
    } catch (error) {
      if (!(error instanceof Raced)) throw error;
    }
  }
};
