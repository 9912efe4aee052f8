import { join } from 'node:path';
import {
  OAuth2Server,
  type MutableResponse,
  type MutableToken,
  type TokenRequestIncomingMessage,
} from 'oauth2-mock-server';
import * as z from 'zod';
import { RoleSchema, TenantIdSchema, UserIdSchema } from '../lib/contract/vocabulary.ts';
import { keepInFile } from './data-dir.ts';
import type { LocalServer } from './http-server.ts';
import { HOST } from './ports.ts';

const ALGORITHM = 'RS256';
const HOUR = 3_600;
const YEAR = 365 * 24 * HOUR;

/** What `POST /token` takes, form-encoded, beside OAuth's own fields. */
const GrantSchema = z.object({
  tenant: TenantIdSchema.default(TenantIdSchema.parse('demo')),
  user: UserIdSchema.default(UserIdSchema.parse('demo-user')),
  role: RoleSchema.default('agent'),
  name: z.string().min(1).optional(),
  email: z.email().optional(),
  expires_in: z.coerce.number().int().min(1).max(YEAR).default(HOUR),
});

interface IdentityOptions {
  readonly port: number;
  readonly directory: string;
  readonly audience: string;
}

export interface Identity extends LocalServer {
  readonly issuer: string;
  readonly jwksUri: string;
}

const KeySchema = z.record(z.string(), z.unknown());

/** The same key at every start, so that tokens outlive one. */
const useKeptKey = async ({ issuer }: OAuth2Server, file: string): Promise<void> => {
  const kept = await keepInFile(file, async () => {
    await issuer.keys.generate(ALGORITHM);
    return JSON.stringify(issuer.keys.toJSON(true)[0]);
  });
  if (issuer.keys.get() === undefined) await issuer.keys.add(KeySchema.parse(JSON.parse(kept)));
};

const addClaims = (token: MutableToken, request: TokenRequestIncomingMessage, audience: string): void => {
  const grant = GrantSchema.safeParse(request.body);
  if (!grant.success) return;
  const { tenant, user, role, name, email, expires_in: lifetime } = grant.data;
  Object.assign(token.payload, {
    sub: user,
    tenant_id: tenant,
    role,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    aud: audience,
    exp: token.payload.iat + lifetime,
  });
};

const describeProblems = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

const finish = (response: MutableResponse, request: TokenRequestIncomingMessage): void => {
  const grant = GrantSchema.safeParse(request.body);
  if (grant.success) {
    Object.assign(response.body, { expires_in: grant.data.expires_in });
    return;
  }
  response.statusCode = 400;
  response.body = { error: 'invalid_request', error_description: describeProblems(grant.error) };
};

/** An OpenID Connect issuer that gives anyone a token for any tenant: for one machine only. */
export const startIdentity = async ({ port, directory, audience }: IdentityOptions): Promise<Identity> => {
  const server = new OAuth2Server();
  await useKeptKey(server, join(directory, 'identity-key.json'));
  const url = `http://${HOST}:${port}`;
  server.issuer.url = url;
  server.service.on('beforeTokenSigning', (token: MutableToken, request: TokenRequestIncomingMessage) => {
    addClaims(token, request, audience);
  });
  server.service.on('beforeResponse', finish);
  await server.start(port, HOST);
  return { url, issuer: url, jwksUri: `${url}/jwks`, stop: () => server.stop() };
};
