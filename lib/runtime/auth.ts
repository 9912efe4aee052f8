import { JwtVerifier } from 'aws-jwt-verify';
import { JwtBaseError, JwtExpiredError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import { environment } from '../config/environment.ts';
import type { Sender } from '../contract/messages.ts';
import { RoleSchema, TenantIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';

const ClaimsSchema = z.object({
  sub: UserIdSchema,
  tenant_id: TenantIdSchema,
  role: RoleSchema,
  /** Access tokens of Cognito carry the client's id instead of an audience. */
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().optional(),
  iat: z.number().default(0),
  exp: z.number().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
});

/** Who is calling, as the verified token says; `name` is the one that others are shown. */
export interface Caller {
  readonly tenant: z.infer<typeof TenantIdSchema>;
  readonly userId: z.infer<typeof UserIdSchema>;
  readonly role: z.infer<typeof RoleSchema>;
  readonly name: string | null;
  /** When the token is good no more. */
  readonly expiresAt: string;
}

/** What else a token says of its user. */
export interface Verified extends Caller {
  readonly email: string | null;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

/** For how long a token counts that does not say when it expires. */
const UNSAID_MS = 3_600_000;

/** The library's own fetcher speaks https only; an issuer on this machine does not. */
const fetcher = {
  fetch: async (uri: string): Promise<ArrayBuffer> => {
    const response = await fetch(uri, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
    if (!response.ok) throw new Error(`The key set answered ${response.status}.`);
    return response.arrayBuffer();
  },
};

const createVerifier = () => {
  const { JWT_ISSUER, JWKS_URI } = environment();
  return JwtVerifier.create(
    { issuer: JWT_ISSUER, audience: null, jwksUri: JWKS_URI },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
};
let verifier: ReturnType<typeof createVerifier> | undefined;

const refusal = (detail: string): Failure => new Failure('token.invalid', detail);

/** What the library says of a token is the caller's; anything else kept us from looking. */
const verdict = (error: unknown): Failure => {
  if (error instanceof JwtExpiredError) return refusal('The access token has expired.');
  if (error instanceof JwtBaseError) return refusal('The access token is not valid.');
  return new Failure('service.unavailable', 'Access tokens cannot be checked at the moment.', { retryAfterSeconds: 2 });
};

/**
 * Verifies the bearer token and reads who it speaks of.
 *
 * @throws Failure `token.invalid`, without saying what exactly is wrong with a forged one; `service.unavailable` when the
 * issuer's keys cannot be had
 */
export const authenticate = async (authorization: string | undefined): Promise<Verified> => {
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw refusal('Send an access token: Authorization: Bearer <token>.');
  verifier ??= createVerifier();
  const payload = await verifier.verify(token).catch((error: unknown) => {
    throw verdict(error);
  });
  const claims = ClaimsSchema.safeParse(payload);
  if (!claims.success) throw refusal('The access token lacks a valid sub, tenant_id or role.');
  const { sub, tenant_id, role, name, email, aud, client_id, iat, exp } = claims.data;
  if (![aud ?? client_id].flat().includes(environment().JWT_AUDIENCE))
    throw refusal('The access token is not for this service.');
  const issuedAt = Math.floor(iat);
  const expiresAt = new Date(exp === undefined ? Date.now() + UNSAID_MS : exp * 1000).toISOString();
  return { tenant: tenant_id, userId: sub, role, name: name ?? null, email: email ?? null, issuedAt, expiresAt };
};

/** A user as the sender of a message. */
export const userSender = ({ userId, name }: Caller): Sender => ({
  type: 'user',
  id: userId,
  name,
  address: null,
  handle: null,
});
