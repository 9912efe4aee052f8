import { handler as createExport } from '../../functions/exports/create-export.ts';
import { handler as getExport } from '../../functions/exports/get-export.ts';
import { handler as createImport } from '../../functions/imports/create-import.ts';
import { handler as getImport } from '../../functions/imports/get-import.ts';
import { handler as listImportRows } from '../../functions/imports/list-import-rows.ts';
import { handler as listImports } from '../../functions/imports/list-imports.ts';
import { newImport } from '../../lib/domain/import.ts';
import { importEvent } from '../../lib/domain/occurrence.ts';
import { startSheet } from '../../lib/messaging/start-sheet.ts';
import { importBatch } from '../../lib/messaging/import-batch.ts';
import { NewExportSchema } from '../../lib/contract/exports.ts';
import { knownCustomFields } from '../../lib/table/custom-fields.ts';
import { insertImport } from '../../lib/table/imports.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  transaction,
  type Budget,
} from './budget-stage.ts';
import { buildImportScene, fileRows } from './import-scenes.ts';
import { newPhone } from './random.ts';

const addImport = async (): Promise<string> => {
  const record = newImport(act, null);
  await insertImport(act.tenant, record, importEvent(act, 'ImportCreated', record), []);
  return record.id;
};

const addExport = async (): Promise<string> => (await startSheet(act, NewExportSchema.parse({}), () => [])).id;

const ROWS = 4;
const newRows = () => fileRows(Array.from({ length: ROWS }, () => ['Ana', newPhone(), '', '']));

/** What carries clients in and out in files. */
export const importBudgets: readonly Budget[] = [
  {
    operation: 'prepare an import',
    promised: [transaction],
    run: (stage) => requestsOf(createImport, stage.call({}, { method: 'POST', body: {} }), 201),
  },
  {
    operation: 'get an import',
    promised: [read],
    run: async (stage) => requestsOf(getImport, stage.call({ importId: await addImport() }), 200),
  },
  { operation: 'list imports', promised: [query], run: (stage) => requestsOf(listImports, stage.call(), 200) },
  {
    operation: 'list the rows of an import',
    promised: [query, read],
    run: async (stage) => requestsOf(listImportRows, stage.call({ importId: await addImport() }), 200),
  },
  {
    operation: 'import four rows of new clients',
    promised: [query, readTogether, ...Array.from({ length: ROWS }, () => transaction)],
    run: async () => {
      // Kept for ten seconds.
      await knownCustomFields(act.tenant);
      return requestsDuring(() => importBatch(buildImportScene({}, act), newRows()));
    },
  },
  {
    operation: 'try four rows',
    promised: [query, readTogether, readTogether, transaction, transaction],
    run: () => requestsDuring(() => importBatch(buildImportScene({ dryRun: true }, act), newRows())),
  },
  {
    operation: 'ask for an export of clients',
    promised: [transaction],
    run: (stage) => requestsOf(createExport, stage.call({}, { method: 'POST', body: {} }), 202),
  },
  {
    operation: 'get an export of clients',
    promised: [read],
    run: async (stage) => requestsOf(getExport, stage.call({ exportId: await addExport() }), 200),
  },
];
