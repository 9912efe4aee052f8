import * as z from 'zod';
import { FILE_TYPES, MAX_FILE_BYTES } from './files.ts';
import { route } from './route.ts';
import { InstantSchema, UploadIdSchema, UserIdSchema } from './vocabulary.ts';

/** Neither a path, nor with signs that cannot be seen or that turn the direction of what follows. */
const FILE_NAME = /^[^\p{Cc}/\\\u202a-\u202e\u2066-\u2069]+$/u;

export const NewUploadSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .regex(FILE_NAME, 'must be a name without a path')
      .meta({ description: 'How the file is called where it is shown', example: 'invoice.pdf' }),
    contentType: z
      .string()
      .max(255)
      .regex(/^\s*[\w.+-]+\/[\w.+-]+\s*(;.*)?$/, 'must be a media type')
      .meta({ description: `What its bytes have to be, one of: ${FILE_TYPES.join(', ')}`, example: 'application/pdf' }),
    size: z
      .int()
      .min(1)
      .meta({ description: `Bytes, at most ${MAX_FILE_BYTES}` }),
  })
  .meta({ id: 'NewUpload' });
export type NewUpload = z.infer<typeof NewUploadSchema>;

/** A file: one that a user uploads, or one that a client sent. */
export const UploadSchema = z
  .object({
    id: UploadIdSchema,
    name: z.string(),
    /** What was announced; once it is stored, what the bytes are. */
    contentType: z.string(),
    size: z.int().min(0),
    /** `awaiting` until it is first used, when its bytes are looked at. */
    state: z.enum(['awaiting', 'stored', 'refused']),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    /** `null`: a client sent it. */
    createdBy: UserIdSchema.nullable(),
    createdAt: InstantSchema,
  })
  .meta({ id: 'Upload' });
export type Upload = z.infer<typeof UploadSchema>;

/** Where to POST the file, as `multipart/form-data`: all fields first, the file as `file` last. */
export const UploadTicketSchema = UploadSchema.extend({
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  expiresAt: InstantSchema,
}).meta({ id: 'UploadTicket' });

const tag = 'Uploads';

export const createUpload = route({
  id: 'createUpload',
  method: 'POST',
  path: '/crm/uploads',
  tag,
  summary: 'Announces a file, and says where to upload it; one that is not used within a day is removed',
  permission: 'Message.Send',
  body: NewUploadSchema,
  result: UploadTicketSchema,
  statuses: [201],
  problems: ['upload.type', 'upload.too-large'],
  creates: true,
});

export const openUpload = route({
  id: 'openUpload',
  method: 'GET',
  path: '/crm/uploads/{uploadId}',
  tag,
  summary: 'Redirects to the file, by a signed address that is good for five minutes',
  permission: 'Message.Read',
  params: z.strictObject({ uploadId: UploadIdSchema }),
  statuses: [302],
  problems: ['resource.not-found', 'upload.awaited', 'upload.mismatch', 'upload.too-large'],
});
