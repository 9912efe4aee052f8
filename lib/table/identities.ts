import * as z from 'zod';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { sameIdentity, type Identity } from '../domain/identity.ts';
import { get, getTogether } from './client.ts';
import { identityKey } from './keys.ts';
import { absent, check, put, remove, type Step } from './transaction.ts';

const IdentitySchema = z.object({ clientId: ClientIdSchema });
const HeldSchema = IdentitySchema.extend({ pk: z.string() });

/** Whose phone, Telegram account or other identity is this? One read. */
export const findHolder = async (tenant: TenantId, identity: Identity): Promise<ClientId | undefined> => {
  const { Item } = await get(tenant, { Key: identityKey(tenant, identity), ConsistentRead: true });
  return Item === undefined ? undefined : IdentitySchema.parse(Item).clientId;
};

const taken =
  (identity: Identity) =>
  (existing: unknown): Error => {
    const holder = IdentitySchema.safeParse(existing);
    const code = identity.kind === 'pin' ? 'client.pin-duplicate' : 'contact.duplicate';
    const what =
      identity.kind === 'pin' ? 'PIN' : identity.kind === 'tel' ? 'phone number' : `${identity.kind} contact`;
    return new Failure(
      code,
      `Another client holds this ${what}.`,
      holder.success ? { clientId: holder.data.clientId } : {},
    );
  };

/** Takes an identity, unless another client holds it. `refused` replaces the answer to that. */
const takeIdentity = (
  tenant: TenantId,
  clientId: ClientId,
  identity: Identity,
  refused: Step['refused'] = taken(identity),
): Step =>
  put(
    { ...identityKey(tenant, identity), clientId },
    { expression: 'attribute_not_exists(pk) OR clientId = :clientId', values: { ':clientId': clientId } },
    refused,
  );

/** What one client holds, another one holds from now on. */
export const passIdentity = (tenant: TenantId, identity: Identity, from: ClientId, to: ClientId): Step =>
  put(
    { ...identityKey(tenant, identity), clientId: to },
    { expression: 'clientId = :from', values: { ':from': from } },
  );

/** What one client held before, it holds again, if the one it went to still does, or nobody. */
export const returnIdentity = (tenant: TenantId, identity: Identity, from: ClientId, to: ClientId): Step =>
  put(
    { ...identityKey(tenant, identity), clientId: to },
    { expression: 'attribute_not_exists(pk) OR clientId = :from', values: { ':from': from } },
    taken(identity),
  );

export const freeIdentity = (tenant: TenantId, identity: Identity): Step => remove(identityKey(tenant, identity));

/** Still nobody's, as was read before. Refused with Raced. */
export const whileUnheld = (tenant: TenantId, identity: Identity): Step => check(identityKey(tenant, identity), absent);

/** What it takes for a client to hold `after` instead of `before`. */
export const moveIdentities = (
  tenant: TenantId,
  clientId: ClientId,
  before: readonly Identity[],
  after: readonly Identity[],
): Step[] => {
  const isIn = (list: readonly Identity[]) => (identity: Identity) =>
    list.some((other) => sameIdentity(other, identity));
  const gained = after.filter((identity) => !isIn(before)(identity));
  const lost = before.filter((identity) => !isIn(after)(identity));
  return [
    ...gained.map((identity) => takeIdentity(tenant, clientId, identity)),
    ...lost.map((identity) => freeIdentity(tenant, identity)),
  ];
};

/** Whose are these, in their order? One read of up to 100. */
export const findHolders = async (
  tenant: TenantId,
  identities: readonly Identity[],
): Promise<(ClientId | undefined)[]> => {
  if (identities.length === 0) return [];
  const keys = identities.map((identity) => identityKey(tenant, identity));
  const items = (await getTogether(tenant, keys)).map((item) => HeldSchema.parse(item));
  const byKey = new Map(items.map(({ pk, clientId }) => [pk, clientId]));
  return keys.map(({ pk }) => byKey.get(pk));
};
