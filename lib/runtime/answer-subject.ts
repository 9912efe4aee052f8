import * as z from 'zod';
import { ClientSchema } from '../contract/clients.ts';
import { ErasureSchema } from '../contract/privacy.ts';
import type { Route } from '../contract/route.ts';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';

const NamedSchema = z
  .object({ clientId: ClientIdSchema.optional(), chatId: ClientIdSchema.optional() })
  .transform(({ clientId, chatId }) => clientId ?? chatId);
const OwnSchema = z.object({ id: ClientIdSchema }).transform(({ id }) => id);
const MergedSchema = z
  .object({ merge: z.object({ absorbedId: ClientIdSchema }) })
  .transform(({ merge: { absorbedId } }) => absorbedId);

/**
 * Whom an answer tells of: the client that its address or its body names, or that it is, and one that was merged into
 * that client, or parted from it, and may be erased by itself. A receipt of an erasure says nothing of anybody.
 */
export const subjectsOf = (route: Route, params: unknown, body: unknown): ClientId[] => {
  if (route.result === ErasureSchema) return [];
  const named =
    NamedSchema.safeParse(params).data ??
    NamedSchema.safeParse(body).data ??
    (route.result === ClientSchema ? OwnSchema.safeParse(body).data : undefined);
  return [named, MergedSchema.safeParse(body).data].flatMap((id) => id ?? []);
};
