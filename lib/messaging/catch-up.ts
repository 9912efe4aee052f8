import type { Change } from '../contract/realtime.ts';
import type { Role } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { distinctly, maySee } from '../domain/realtime.ts';
import { CHANGES_KEPT_SECONDS, listChanged } from '../table/changes.ts';
import { openCursor, sealCursor } from '../table/cursor.ts';
import { currentOf } from './current.ts';

/**
 * What is told at a moment is written down until the function that tells it has to end, 20 seconds later at the most.
 * Whoever asks from that moment on is told of everything since so long before it, so that nothing falls between.
 */
export const OVERLAP_SECONDS = 30;
/** Entries of the log, which names up to 20 changes each. */
const PAGE = 25;

interface CatchUp {
  readonly items: Change[];
  readonly next: string;
  readonly nextCursor: string | null;
}

interface Place {
  readonly after: string;
  /** When the first page was asked for: what was written down late is asked for again from then on. */
  readonly begun: string;
}

const startOf = (act: Act, since: string): Place => {
  const begun = instant(act.now());
  const oldest = secondsAfter(act.now(), -CHANGES_KEPT_SECONDS);
  if (since < oldest) {
    throw new Failure('changes.gone', `Changes are kept since ${oldest}. Load anew what you show.`);
  }
  const from = since < begun ? since : begun;
  return { after: secondsAfter(new Date(from), -OVERLAP_SECONDS), begun };
};

/**
 * What has changed since a push, as it is now, and may be told to somebody of this role? One query, or two over midnight,
 * and one read for each hundred items.
 *
 * @throws Failure `changes.gone` when that is too long ago, `cursor.invalid`
 */
export const catchUp = async (
  act: Act,
  role: Role,
  { since, cursor }: { readonly since: string; readonly cursor?: string | undefined },
): Promise<CatchUp> => {
  const list = `changes:${since}`;
  const { after = '', begun = '' } =
    cursor === undefined ? { ...startOf(act, since) } : await openCursor(act.tenant, list, cursor);
  const { changes, next } = await listChanged(act.tenant, after, instant(act.now()), PAGE);
  const items = await currentOf(act, distinctly(changes));
  return {
    items: items.filter((item) => maySee(role, item)),
    next: begun,
    nextCursor: next === null ? null : await sealCursor(act.tenant, list, { after: next, begun }),
  };
};
