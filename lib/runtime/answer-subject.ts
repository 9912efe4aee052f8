import * as z from 'zod';
import { ClientSchema } from '../contract/clients.ts';
import { ErasureSchema } from '../contract/privacy.ts';
import type { Route } from '../contract/route.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';

const NamedSchema = z
  .object({ clientId: ClientIdSchema.optional(), chatId: ClientIdSchema.optional() })
  .transform(({ clientId, chatId }) => clientId ?? chatId);
const OwnSchema = z.object({ id: ClientIdSchema }).transform(({ id }) => id);

/**
 * Whom an answer tells of: the client that its address or its body names, or that it is. A receipt of an erasure says
 * nothing of anybody.
 */
export const subjectOf = (route: Route, params: unknown, body: unknown): ClientId | undefined => {
  if (route.result === ErasureSchema) return undefined;
  return (
    NamedSchema.safeParse(params).data ??
    NamedSchema.safeParse(body).data ??
    (route.result === ClientSchema ? OwnSchema.safeParse(body).data : undefined)
  );
};
