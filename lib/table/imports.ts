import * as z from 'zod';
import { ImportRowSchema, type ImportRow, type Outcome } from '../contract/imports.ts';
import { ClientIdSchema, type ImportId, type TenantId } from '../contract/vocabulary.ts';
import { notFound } from '../domain/failure.ts';
import type { Identity } from '../domain/identity.ts';
import { ImportRecordSchema, type ImportRecord } from '../domain/import.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, getTogether, query, queryAll } from './client.ts';
import {
  IMPORT,
  IMPORT_ROW,
  importKey,
  importRowKey,
  importRun,
  importRunWith,
  imports,
  importSeenKey,
  rowNumber,
  type ImportRun,
} from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, replace, type Step } from './transaction.ts';

/** Which import has this id? One read. */
export const findImport = async (tenant: TenantId, id: ImportId): Promise<ImportRecord | undefined> => {
  const { Item } = await get(tenant, { Key: importKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : ImportRecordSchema.parse(Item);
};

/** As above. @throws Failure `resource.not-found` */
export const getImport = async (tenant: TenantId, id: ImportId): Promise<ImportRecord> => {
  const found = await findImport(tenant, id);
  if (found === undefined) throw notFound();
  return found;
};

/** Which imports were there, newest first? One query, a page of items. */
export const listImports = (tenant: TenantId, page: Page): Promise<Paged<ImportRecord>> =>
  queryPage(
    tenant,
    'imports',
    ImportRecordSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :imports)',
      ExpressionAttributeValues: { ':pk': imports(tenant), ':imports': IMPORT },
      ScanIndexForward: false,
    },
    page,
  );

/** One transaction. */
export const insertImport = (
  tenant: TenantId,
  record: ImportRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(tenant, [...also, put({ ...importKey(tenant, record.id), ...record }, absent), announce(event)]);

/** What it takes to change an import that was read before. */
export const changeImport = (
  tenant: TenantId,
  before: ImportRecord,
  after: ImportRecord,
  event?: DomainEvent,
): Step[] => [
  replace({ ...importKey(tenant, after.id), ...after }, before),
  ...(event === undefined ? [] : [announce(event)]),
];

/** Somebody else has handled this row. */
export class RowHandled extends Error {
  override name = 'RowHandled';
}

/** Says what became of a row, once. It belongs into the transaction that makes it so. */
export const reportRow = (tenant: TenantId, { expiresAt, ...record }: ImportRecord, row: ImportRow): Step =>
  put(
    {
      ...importRowKey(tenant, record, row.row),
      gsi1pk: importRunWith(tenant, record, row.outcome),
      gsi1sk: rowNumber(row.row),
      ...row,
      expiresAt,
    },
    absent,
    () => new RowHandled('The row is handled already.'),
  );

const ReportedSchema = ImportRowSchema.extend({ sk: z.string() });

interface RowsPage {
  readonly rows: ImportRow[];
  /** After which row it goes on; undefined at the end. */
  readonly next: string | undefined;
}

/** What became of each row, in order, after a place among them? One query. */
export const readReport = async (tenant: TenantId, run: ImportRun, after: string | null): Promise<RowsPage> => {
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': importRun(tenant, run),
      // A space sorts before every character of a key.
      ':from': after === null ? IMPORT_ROW : `${after} `,
      ':to': `${IMPORT_ROW}~`,
    },
    ConsistentRead: true,
  });
  const reported = Items.map((item) => ReportedSchema.parse(item));
  return { rows: reported, next: LastEvaluatedKey === undefined ? undefined : reported.at(-1)?.sk };
};

/** What became of these rows, as far as they are handled? One query. */
export const findReported = async (
  tenant: TenantId,
  run: ImportRun,
  from: number,
  to: number,
): Promise<Map<number, Outcome>> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': importRun(tenant, run),
      ':from': importRowKey(tenant, run, from).sk,
      ':to': importRowKey(tenant, run, to).sk,
    },
    ConsistentRead: true,
  });
  const rows = items.map((item) => ImportRowSchema.parse(item));
  return new Map(rows.map(({ row, outcome }) => [row, outcome]));
};

/** What became of the rows of a run, or of those with one outcome? One query, a page of items. */
export const listImportRows = (
  tenant: TenantId,
  run: ImportRun,
  outcome: Outcome | undefined,
  page: Page,
): Promise<Paged<ImportRow>> =>
  queryPage(
    tenant,
    `import-rows:${run.id}:${run.run}:${outcome ?? ''}`,
    ImportRowSchema,
    outcome === undefined
      ? {
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :rows)',
          ExpressionAttributeValues: { ':pk': importRun(tenant, run), ':rows': IMPORT_ROW },
        }
      : {
          IndexName: 'gsi1',
          KeyConditionExpression: 'gsi1pk = :pk',
          ExpressionAttributeValues: { ':pk': importRunWith(tenant, run, outcome) },
        },
    page,
  );

/** Whose an identity would be: a client's, or that of the client a row would make. `row` saw it first. */
const SeenSchema = z.object({ pk: z.string(), sk: z.string(), row: z.int(), clientId: ClientIdSchema.nullable() });
export type Seen = Pick<z.infer<typeof SeenSchema>, 'row' | 'clientId'>;

/** A dry run's identities stay no longer than it may take. */
const SEEN_SECONDS = 24 * 3600;

/** Remembers, in a dry run, whose an identity would be. */
export const noteSeen = (tenant: TenantId, run: ImportRun, identity: Identity, seen: Seen, now: Date): Step =>
  put({
    ...importSeenKey(tenant, run, identity),
    ...seen,
    expiresAt: Math.floor(now.getTime() / 1000) + SEEN_SECONDS,
  });

/** Whose would these be, after the dry run's rows so far, in their order? One read of up to 100. */
export const findSeen = async (
  tenant: TenantId,
  run: ImportRun,
  identities: readonly Identity[],
): Promise<(Seen | undefined)[]> => {
  if (identities.length === 0) return [];
  const keys = identities.map((identity) => importSeenKey(tenant, run, identity));
  const items = (await getTogether(tenant, keys)).map((item) => SeenSchema.parse(item));
  const bySk = new Map(items.map((item) => [item.sk, item]));
  return keys.map(({ sk }) => bySk.get(sk));
};
