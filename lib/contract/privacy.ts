import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, ErasureIdSchema, InstantSchema, JobIdSchema, UserIdSchema } from './vocabulary.ts';

/** A client's export as it stands. There is at most one for each user and client; another takes its place. */
export const ClientExportSchema = z
  .object({
    id: JobIdSchema,
    clientId: ClientIdSchema,
    state: z.enum(['queued', 'running', 'ready', 'failed']),
    /** How many entries of the client's records were read. */
    progress: z.object({ done: z.int(), total: z.int().nullable() }),
    requestedAt: InstantSchema,
    /** When it was made; `null` until it is ready, as all that follows. */
    createdAt: InstantSchema.nullable(),
    /** Of the ZIP file, in bytes. */
    size: z.int().nullable(),
    /** Where to get it, without a token: a new address with each answer. */
    url: z.string().nullable(),
    /** Until when this address works. */
    expiresAt: InstantSchema.nullable(),
    /** When the file is removed. */
    keptUntil: InstantSchema.nullable(),
  })
  .meta({ id: 'ClientExport' });
export type ClientExport = z.infer<typeof ClientExportSchema>;

/** All that is told of an export: that it was made, of whom, for whom. */
export const ExportReferenceSchema = ClientExportSchema.pick({ id: true, clientId: true });

const count = z.int().min(0).default(0);

/** How much of each kind was removed. */
export const RemovedSchema = z
  .object({
    /** The client, and those that were merged into it. */
    clients: count,
    messages: count,
    members: count,
    notes: count,
    interactions: count,
    /** Attachments, and what their uploads were known by. */
    files: count,
    exports: count,
    /** What providers call the messages, with the payloads they came in. */
    references: count,
    /** Answers kept for requests that are repeated. */
    answers: count,
    /** What could not be handled and mentioned the client. */
    deadLetters: count,
    /** History, events and whatever else stood with the client. */
    others: count,
  })
  .meta({ id: 'Removed' });
export type Removed = z.infer<typeof RemovedSchema>;

/** What was erased, when, by whom. Of the person it says nothing but the id by which nobody is found any more. */
export const ErasureSchema = z
  .object({
    id: ErasureIdSchema,
    clientId: ClientIdSchema,
    state: z.enum(['running', 'done']),
    requestedAt: InstantSchema,
    requestedBy: UserIdSchema,
    completedAt: InstantSchema.nullable(),
    removed: RemovedSchema,
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof ErasureSchema>;

/** All that is told of an erasure. */
export const ErasureReferenceSchema = ErasureSchema.pick({ id: true, clientId: true });

export const LegalHoldInputSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(1000) })
  .meta({ id: 'LegalHoldInput' });

/** Why a client may not be erased. */
export const LegalHoldSchema = z
  .object({
    clientId: ClientIdSchema,
    reason: z.string(),
    /** Who set or last changed it. */
    setBy: UserIdSchema,
    since: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'LegalHold' });
export type LegalHold = z.infer<typeof LegalHoldSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const tag = 'Privacy';

export const exportClient = route({
  id: 'exportClient',
  method: 'GET',
  path: '/crm/clients/{clientId}/export',
  tag,
  summary: 'Exports all there is of a client: asks for it first (202), gives its address when it is ready (200)',
  permission: 'Privacy.Export',
  params: clientPath,
  query: z.strictObject({
    fresh: z.enum(['true', 'false']).optional().meta({
      description: 'true: a ready export that is older than ten minutes, or one that failed, is made anew',
    }),
  }),
  result: ClientExportSchema,
  statuses: [200, 202],
  problems: ['resource.not-found'],
});

export const eraseClient = route({
  id: 'eraseClient',
  method: 'POST',
  path: '/crm/clients/{clientId}/erase',
  tag,
  summary: 'Erases a client, deleted or not, with all there is of it: at once hidden, soon gone for good',
  permission: 'Privacy.Erase',
  params: clientPath,
  result: ErasureSchema,
  statuses: [202],
  problems: ['resource.not-found', 'client.legal-hold'],
  creates: true,
});

export const listErasures = route({
  id: 'listErasures',
  method: 'GET',
  path: '/crm/erasures',
  tag,
  summary: 'Lists the receipts of erasures, newest first',
  permission: 'Privacy.Erase',
  query: PageQuerySchema,
  result: pageOf(ErasureSchema),
  problems: ['cursor.invalid'],
});

export const getErasure = route({
  id: 'getErasure',
  method: 'GET',
  path: '/crm/erasures/{erasureId}',
  tag,
  summary: 'Gets the receipt of an erasure',
  permission: 'Privacy.Erase',
  params: z.strictObject({ erasureId: ErasureIdSchema }),
  result: ErasureSchema,
  problems: ['resource.not-found'],
});

export const getLegalHold = route({
  id: 'getLegalHold',
  method: 'GET',
  path: '/crm/clients/{clientId}/legal-hold',
  tag,
  summary: 'Gets the legal hold that a client is under',
  permission: 'Privacy.Erase',
  params: clientPath,
  result: LegalHoldSchema,
  problems: ['resource.not-found'],
});

export const setLegalHold = route({
  id: 'setLegalHold',
  method: 'PUT',
  path: '/crm/clients/{clientId}/legal-hold',
  tag,
  summary: 'Puts a client, deleted or not, under a legal hold: it cannot be erased until that is lifted',
  permission: 'Privacy.Erase',
  params: clientPath,
  body: LegalHoldInputSchema,
  result: LegalHoldSchema,
  problems: ['resource.not-found', 'version.stale'],
});

export const liftLegalHold = route({
  id: 'liftLegalHold',
  method: 'DELETE',
  path: '/crm/clients/{clientId}/legal-hold',
  tag,
  summary: 'Lifts the legal hold that a client is under',
  permission: 'Privacy.Erase',
  params: clientPath,
  problems: ['resource.not-found', 'version.stale'],
});
