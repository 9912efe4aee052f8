import * as z from 'zod';
import { ClientIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { documentAt, documentOfKey, listingNameOf } from '../table/documents.ts';
import { isPosting, TERMS } from '../table/keys.ts';
import { removeUnlisted, unlisted, type Backed } from '../table/listings.ts';
import { scanTable, type Scanned } from '../table/scan.ts';
import { Raced } from '../table/transaction.ts';
import { indexDocument } from './index-documents.ts';

/** How far it is. */
export interface ReindexProgress {
  readonly pass: 'documents' | 'postings';
  readonly scanned: number;
  /** Documents that were posted anew, and postings that were looked at. */
  readonly done: number;
  /** Postings that led nowhere. */
  readonly removed: number;
}

/** So many at once: the system goes on meanwhile. */
const WORKERS = 8;
const READ_AT_ONCE = 100;

const inParallel = async <Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> => {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
};

const inSlices = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** What is there is posted anew; what is listed but there no more is taken off. */
const postAnew = async (item: Scanned): Promise<void> => {
  const document = documentOfKey(item);
  if (document !== undefined) await indexDocument(item.tenant, document, { anew: !item.sk.startsWith(TERMS) });
};

const BackingSchema = z.object({ home: ClientIdSchema, document: z.string() });

const backingOf = (posting: Scanned): Backed => {
  const { home, document } = BackingSchema.safeParse(posting).data ?? {};
  const found = home && document !== undefined ? documentAt(home, document) : undefined;
  return { posting, listing: found && { home: found.home, name: listingNameOf(found) } };
};

/** Whoever posts a document at the same moment is let go first: then there may be nothing to remove. */
const removeLeftovers = async (postings: readonly Scanned[]): Promise<number> => {
  const slices = [...Map.groupBy(postings, ({ tenant }) => tenant)].flatMap(([tenant, theirs]) =>
    inSlices(theirs.map(backingOf), READ_AT_ONCE).map((slice) => ({ tenant, slice })),
  );
  let removed = 0;
  await inParallel(slices, async ({ tenant, slice }) => {
    for (const leftover of await unlisted(tenant, slice)) {
      removed += await removeUnlisted(tenant, leftover).then(
        (isGone) => (isGone ? 1 : 0),
        (error: unknown) => {
          if (error instanceof Raced) return 0;
          throw error;
        },
      );
    }
  });
  return removed;
};

/**
 * Posts everything anew, of one tenant if said, while the system goes on; then removes what leads nowhere. Whatever it
 * writes is on the condition that nobody has written the same meanwhile, so it can be stopped, and run again, at any time.
 * It reads the whole table twice.
 */
export const reindex = async function* (tenant?: TenantId): AsyncGenerator<ReindexProgress> {
  let progress: ReindexProgress = { pass: 'documents', scanned: 0, done: 0, removed: 0 };
  for await (const items of scanTable(tenant)) {
    const posted = items.filter((item) => documentOfKey(item) !== undefined);
    await inParallel(posted, postAnew);
    progress = { ...progress, scanned: progress.scanned + items.length, done: progress.done + posted.length };
    yield progress;
  }
  progress = { pass: 'postings', scanned: 0, done: 0, removed: 0 };
  for await (const items of scanTable(tenant)) {
    const postings = items.filter(isPosting);
    const removed = progress.removed + (await removeLeftovers(postings));
    progress = {
      ...progress,
      scanned: progress.scanned + items.length,
      done: progress.done + postings.length,
      removed,
    };
    yield progress;
  }
};
