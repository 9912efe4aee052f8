import * as z from 'zod';
import { emptyZip, ZipStateSchema } from '../cloud/zip.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';

/** Where in the content the writing stands: at the head, in a list of the document, or among the files. */
const PlaceSchema = z.object({
  stage: z.enum(['head', 'lists', 'files', 'end']),
  /** Which list; of the files, those of messages or of scheduled ones. */
  list: z.int(),
  /** Whose collection. */
  home: z.int(),
  /** What was read last. */
  after: z.string().nullable(),
  /** Whether the list has something in it; how many files of the next message are written. */
  written: z.int(),
});
export type Place = z.infer<typeof PlaceSchema>;

export const firstPlace: Place = { stage: 'head', list: 0, home: 0, after: null, written: 0 };

/** Where an export stands. Nothing personal: what was read is in the file. */
export const ExportPositionSchema = z.object({
  /** The client, and those that were merged into it. */
  homes: z.array(ClientIdSchema),
  /** The bucket's name for the file while it is written. */
  uploadId: z.string().nullable(),
  /** Of the parts that are written. */
  etags: z.array(z.string()),
  zip: ZipStateSchema,
  place: PlaceSchema,
  /** How much of the client's records was read. */
  read: z.int(),
});
export type ExportPosition = z.infer<typeof ExportPositionSchema>;

export const exportBeginning = (homes: readonly ClientId[]): ExportPosition => ({
  homes: [...homes],
  uploadId: null,
  etags: [],
  zip: emptyZip,
  place: firstPlace,
  read: 0,
});
