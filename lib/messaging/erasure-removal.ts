import * as z from 'zod';
import { giveExportUp } from '../cloud/client-exports.ts';
import { removeFile } from '../cloud/files.ts';
import { removePayload } from '../cloud/payloads.ts';
import { RemovedSchema, type Removed } from '../contract/privacy.ts';
import { UploadIdSchema, type ClientId, type TenantId, type UploadId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { fileIdsOf } from '../domain/attachment.ts';
import { ExportRecordSchema } from '../domain/client-export.ts';
import { addRemoved } from '../domain/erasure.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { keysOf, listCollection, removeStored, type Stored } from '../table/collection.ts';
import {
  ANSWER,
  EXPORT,
  idempotencyKey,
  INTERACTION,
  MEMBER,
  MESSAGE,
  NOTE,
  PRIVATE_NOTE,
  ROWS,
  SCHEDULED,
  TERMS,
  uploadKey,
} from '../table/keys.ts';
import { CHAT_PACE } from '../table/team-keys.ts';
import { ListingSchema, relist } from '../table/listings.ts';
import { findPayloads, forgetReference, type ProviderName } from '../table/references.ts';
import { remove, type Step } from '../table/transaction.ts';
import { projectClients } from './project.ts';

/** What is removed together: it is gone when the steps are committed. */
interface Removal {
  readonly steps: readonly Step[];
  readonly removed: Partial<Removed>;
}

interface Place {
  readonly act: Act;
  readonly home: ClientId;
}

/** What its provider calls a message, and the update that it came in. */
export const namesOf = ({ channelId, providerMessageId, deduplicationId }: MessageRecord): ProviderName[] =>
  channelId === null
    ? []
    : [...new Set([providerMessageId, deduplicationId])].flatMap((providerId) =>
        providerId === null ? [] : [{ channelId, providerId }],
      );

/** A file, and all that was known of it. */
const removeUploaded = async (tenant: TenantId, id: UploadId): Promise<Step[]> => {
  await removeFile(tenant, id);
  return (await keysOf(tenant, uploadKey(tenant, id).pk)).map((key) => remove(key));
};

/** A message with the payload it came in, its files, and what its provider calls it. */
const removeMessage = async ({ act }: Place, stored: Stored): Promise<Removal> => {
  const { tenant } = act;
  const message = MessageRecordSchema.parse(stored);
  const names = namesOf(message);
  for (const payload of await findPayloads(tenant, names)) await removePayload(tenant, payload);
  const uploads: Step[][] = [];
  for (const id of fileIdsOf(message)) uploads.push(await removeUploaded(tenant, UploadIdSchema.parse(id)));
  return {
    steps: [removeStored(stored), ...names.map((name) => forgetReference(tenant, name, act.now())), ...uploads.flat()],
    removed: { messages: 1, references: names.length, files: uploads.filter(({ length }) => length > 0).length },
  };
};

const AnswerSchema = z.object({ digest: z.string() });

const removeAnswer = ({ act: { tenant } }: Place, stored: Stored): Removal => ({
  steps: [removeStored(stored), remove(idempotencyKey(tenant, AnswerSchema.parse(stored).digest))],
  removed: { answers: 1 },
});

/** The files of exports are removed all together in the end, also those that nothing leads to. */
const removeExport = async ({ act: { tenant }, home }: Place, stored: Stored): Promise<Removal> => {
  const { id, uploadId } = ExportRecordSchema.parse(stored);
  if (uploadId !== null) await giveExportUp({ tenant, clientId: home, id }, uploadId);
  return { steps: [removeStored(stored)], removed: { exports: 1 } };
};

/** What searches find a document by; the list of it goes with the last. */
export const removePostings = async ({ act: { tenant }, home }: Place, stored: Stored): Promise<Removal> => {
  const before = ListingSchema.parse(stored);
  const name = stored.sk.slice(TERMS.length);
  await relist(tenant, { home, name, before, findable: undefined, ownerId: null, still: [], anew: false });
  return { steps: [], removed: { others: 1 } };
};

/** Where the client's tags and segments list it, and what they count; the record of it goes with the last. */
const removeRows = async ({ act, home }: Place): Promise<Removal> => {
  await projectClients(act, [home]);
  return { steps: [], removed: { others: 1 } };
};

const counted: readonly (readonly [prefix: string, kind: keyof Removed])[] = [
  [MEMBER, 'members'],
  [NOTE, 'notes'],
  [PRIVATE_NOTE, 'notes'],
  [INTERACTION, 'interactions'],
];

const removalOf = async (place: Place, stored: Stored): Promise<Removal> => {
  const { sk } = stored;
  if (sk.startsWith(MESSAGE) || sk.startsWith(SCHEDULED)) return removeMessage(place, stored);
  if (sk.startsWith(ANSWER)) return removeAnswer(place, stored);
  if (sk.startsWith(EXPORT)) return removeExport(place, stored);
  if (sk.startsWith(TERMS)) return removePostings(place, stored);
  // Of no more than a second ago, and nobody's record.
  if (sk.startsWith(CHAT_PACE)) return { steps: [removeStored(stored)], removed: {} };
  if (sk === ROWS) return removeRows(place);
  const kind = counted.find(([prefix]) => sk.startsWith(prefix))?.[1] ?? 'others';
  return { steps: [removeStored(stored)], removed: { [kind]: 1 } };
};

const PAGE = 30;
/** A transaction takes a hundred; the job's own steps are among them, and an item with all its files needs some room. */
const MOST_STEPS = 60;

/** Of several that remove or forget the same thing, such as a file in two messages, one is enough. */
export const distinct = (steps: readonly Step[]): Step[] => {
  const known = new Map<string, Step>();
  for (const step of steps) {
    const { Put, Delete } = step.request;
    const { pk, sk } = KeySchema.parse(Put?.Item ?? Delete?.Key);
    known.set(`${pk} ${sk}`, step);
  }
  return [...known.values()];
};

const KeySchema = z.object({ pk: z.string(), sk: z.string() });

/**
 * The next of what stands in this collection but its heads, with whatever it leads to. What lies outside the table is
 * removed at once, and what leads there in the steps; undefined when nothing is left. One query, and two reads more for each
 * message with files.
 */
export const removeNext = async (act: Act, home: ClientId): Promise<Removal | undefined> => {
  const page = await listCollection(act.tenant, home, PAGE);
  if (page.length === 0) return undefined;
  const steps: Step[] = [];
  let removed: Removed = RemovedSchema.parse({});
  for (const stored of page) {
    if (steps.length > MOST_STEPS) break;
    const removal = await removalOf({ act, home }, stored);
    steps.push(...removal.steps);
    removed = addRemoved(removed, removal.removed);
  }
  return { steps: distinct(steps), removed };
};
