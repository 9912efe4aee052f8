import * as z from 'zod';

/**
 * Every way a request can be refused: the stable code, its HTTP status and its title.
 * Exhaustive: the domain can throw nothing that is not in here.
 */
export const problems = {
  'request.malformed': { status: 400, title: 'The request could not be read' },
  'request.invalid': { status: 400, title: 'The request is not valid' },
  'cursor.invalid': { status: 400, title: 'The cursor is not valid for this list' },
  'token.invalid': { status: 401, title: 'A valid access token is required' },
  'webhook.forged': { status: 401, title: 'The webhook is not signed by the provider' },
  'permission.missing': { status: 403, title: 'Your role does not allow this' },
  'resource.not-found': { status: 404, title: 'There is no such resource' },
  'route.not-found': { status: 404, title: 'There is no such address' },
  'contact.duplicate': { status: 409, title: 'Another client holds this contact' },
  'client.pin-duplicate': { status: 409, title: 'Another client has this PIN' },
  'client.not-deleted': { status: 409, title: 'The client is not deleted' },
  'contact.opted-out': { status: 409, title: 'The client does not want messages on this contact' },
  'channel.duplicate': { status: 409, title: 'This address is connected already' },
  'channel.connecting': { status: 409, title: 'The channel is still being connected' },
  'channel.disabled': { status: 409, title: 'The channel is disabled' },
  'message.not-resendable': { status: 409, title: 'Only a failed or unknown message can be sent again' },
  'idempotency.in-progress': { status: 409, title: 'The first request with this Idempotency-Key is still running' },
  'write.contended': { status: 409, title: 'Too many changes at once; try again' },
  'version.stale': { status: 412, title: 'The resource has changed since you read it' },
  'request.too-large': { status: 413, title: 'The request body is too large' },
  'request.media-type': { status: 415, title: 'The request body must be JSON' },
  'idempotency.key-reused': { status: 422, title: 'This Idempotency-Key was used with another request' },
  'client.unborn': { status: 422, title: 'The date of birth lies in the future' },
  'contact.limit': { status: 422, title: 'The client has as many contacts as it can have' },
  'message.no-transport': { status: 422, title: 'Say on which transport to send' },
  'message.no-address': { status: 422, title: 'The client has no address on this transport' },
  'message.no-channel': { status: 422, title: 'No channel can carry this message' },
  'message.limit': { status: 422, title: 'The message is over a limit of its provider' },
  'message.not-inbound': { status: 422, title: "Only a client's message can be marked as read" },
  'channel.refused': { status: 422, title: 'The provider refuses these credentials' },
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
    /** 409: whose contact or PIN it is. */
    clientId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof ProblemSchema>;
