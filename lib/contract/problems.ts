import * as z from 'zod';

/**
 * Every way a request can be refused: the stable code, its HTTP status and its title.
 * Exhaustive: the domain can throw nothing that is not in here.
 */
export const problems = {
  'client.absorbed': { status: 308, title: 'The client was merged into another one: ask there' },
  'request.malformed': { status: 400, title: 'The request could not be read' },
  'request.invalid': { status: 400, title: 'The request is not valid' },
  'cursor.invalid': { status: 400, title: 'The cursor is not valid for this list' },
  'token.invalid': { status: 401, title: 'A valid access token is required' },
  'webhook.forged': { status: 401, title: 'The webhook is not signed by the provider' },
  'permission.missing': { status: 403, title: 'Your role does not allow this' },
  'note.not-yours': { status: 403, title: "The note is somebody else's" },
  'resource.not-found': { status: 404, title: 'There is no such resource' },
  'route.not-found': { status: 404, title: 'There is no such address' },
  'contact.duplicate': { status: 409, title: 'Another client holds this contact' },
  'client.pin-duplicate': { status: 409, title: 'Another client has this PIN' },
  'client.merged': { status: 409, title: 'The client is merged into another one' },
  'merge.expired': { status: 409, title: 'The merge can no longer be undone' },
  'merge.undone': { status: 409, title: 'The merge has been undone already' },
  'merge.nested': { status: 409, title: 'A later merge has to be undone first' },
  'client.legal-hold': { status: 409, title: 'The client is under a legal hold' },
  'client.not-deleted': { status: 409, title: 'The client is not deleted' },
  'contact.opted-out': { status: 409, title: 'The client does not want messages on this contact' },
  'consent.own-refusal': {
    status: 409,
    title: 'The client refused this by itself; only the client can allow it again',
  },
  'custom-field.duplicate': { status: 409, title: 'There is a custom field with this name' },
  'custom-field.in-use': { status: 409, title: 'Clients have a value in this custom field' },
  'segment.duplicate': { status: 409, title: 'There is a segment with this name' },
  'import.no-file': { status: 409, title: 'The file is not there' },
  'import.running': { status: 409, title: 'The import is running' },
  'import.finished': { status: 409, title: 'The import is done' },
  'import.unfinished': { status: 409, title: 'The import is not done yet' },
  'import.not-running': { status: 409, title: 'The import is not running' },
  'import.not-stopped': { status: 409, title: 'Only an import that was cancelled or broken off can be resumed' },
  'channel.duplicate': { status: 409, title: 'This address is connected already' },
  'channel.connecting': { status: 409, title: 'The channel is still being connected' },
  'channel.disabled': { status: 409, title: 'The channel is disabled' },
  'upload.awaited': { status: 409, title: 'The file has not been uploaded yet' },
  'upload.used': { status: 409, title: "The file belongs to another client's chat" },
  'attachment.not-failed': { status: 409, title: 'Only a failed attachment can be fetched again' },
  'message.not-resendable': { status: 409, title: 'Only a failed or unknown message can be sent again' },
  'interaction.completed': { status: 409, title: 'The interaction is completed' },
  'idempotency.in-progress': { status: 409, title: 'The first request with this Idempotency-Key is still running' },
  'write.contended': { status: 409, title: 'Too many changes at once; try again' },
  'version.stale': { status: 412, title: 'The resource has changed since you read it' },
  'request.too-large': { status: 413, title: 'The request body is too large' },
  'request.media-type': { status: 415, title: 'The request body must be JSON' },
  'idempotency.key-reused': { status: 422, title: 'This Idempotency-Key was used with another request' },
  'client.merge-itself': { status: 422, title: 'A client cannot be merged with itself' },
  'client.merge-limit': { status: 422, title: 'The merged client would be over a limit' },
  'client.unborn': { status: 422, title: 'The date of birth lies in the future' },
  'custom-field.limit': { status: 422, title: 'There are as many custom fields as there can be' },
  'tag.limit': { status: 422, title: 'The client has as many tags as it can have' },
  'segment.limit': { status: 422, title: 'There are as many segments as there can be' },
  'contact.limit': { status: 422, title: 'The client has as many contacts as it can have' },
  'import.unreadable': { status: 422, title: 'The file cannot be read as CSV' },
  'import.mapping': { status: 422, title: 'The columns do not fit the file' },
  'export.no-segment': { status: 422, title: 'There is no such segment' },
  'message.no-transport': { status: 422, title: 'Say on which transport to send' },
  'message.no-address': { status: 422, title: 'The client has no address on this transport' },
  'message.no-channel': { status: 422, title: 'No channel can carry this message' },
  'message.limit': { status: 422, title: 'The message is over a limit of its provider' },
  'upload.type': { status: 422, title: 'Files of this type are not taken' },
  'upload.too-large': { status: 422, title: 'The file is too large' },
  'upload.mismatch': { status: 422, title: 'The file is not what it was announced to be' },
  'message.not-inbound': { status: 422, title: "Only a client's message can be marked as read" },
  'template.not-found': { status: 422, title: 'There is no such template' },
  'interaction.future': { status: 422, title: 'An interaction that took place lies in the future' },
  'channel.refused': { status: 422, title: 'The provider refuses these credentials' },
  'search.empty': { status: 422, title: 'There is nothing to search for' },
  'search.limit': { status: 422, title: 'These are too many words for one search' },
  'rate.limited': { status: 429, title: 'Too many requests' },
  'internal.error': { status: 500, title: 'Something went wrong on our side' },
  'provider.unavailable': { status: 503, title: 'The provider cannot be reached at the moment' },
  'service.unavailable': { status: 503, title: 'The service is unavailable at the moment; try again' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** RFC 9457 problem details, as every refusal is answered. https://www.rfc-editor.org/rfc/rfc9457 */
export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    /** 403: the permission that is missing. */
    permission: z.string().optional(),
    /** 409: whose contact or PIN it is. 308, and 409 of a merged client: the client it was merged into. */
    clientId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof ProblemSchema>;
