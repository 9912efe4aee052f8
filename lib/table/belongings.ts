import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { ClientRecordSchema } from '../domain/client.ts';
import { absenceOf } from './absorbed.ts';
import { getTogether } from './client.ts';
import { getClient } from './clients.ts';
import { clientKey, type Key } from './keys.ts';
import { check, Raced, type Step } from './transaction.ts';

const refusal = (existing: Readonly<Record<string, unknown>> | undefined): Error =>
  existing?.state === 'active'
    ? new Raced('The collection is not the client’s any more.')
    : absenceOf(existing && ClientRecordSchema.parse(existing));

/**
 * Nothing is written to a client that is not active, nor through it to a collection that it does not have any more: refused
 * as {@link getClient} refuses a client that is not there.
 *
 * @param home in whose collection it is written: the client's own, or that of one that was merged into it
 */
export const whileActive = (tenant: TenantId, id: ClientId, home: ClientId = id): Step =>
  check(
    clientKey(tenant, id),
    {
      expression: home === id ? '#state = :active' : '#state = :active AND contains(absorbed, :home)',
      names: { '#state': 'state' },
      values: { ':active': 'active', ...(home !== id && { ':home': home }) },
    },
    refusal,
  );

/** Whose collections belong to this client as well? One read. @throws whatever {@link getClient} does */
export const absorbedBy = async (tenant: TenantId, id: ClientId): Promise<readonly ClientId[]> => {
  const { absorbed } = await getClient(tenant, id);
  return absorbed;
};

/**
 * What stands under one of these keys, in the first of the client's collections that has it? Two reads, side by side; one
 * more for what is not in the client's own collection when others were merged into it.
 *
 * @param read how to read several keys at once
 * @throws whatever {@link getClient} does of a client that is not there
 */
export const findBelonging = async (
  tenant: TenantId,
  clientId: ClientId,
  keysIn: (home: ClientId) => readonly Key[],
  read: (tenant: TenantId, keys: readonly Key[]) => Promise<Record<string, unknown>[]> = getTogether,
): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const [absorbed, [own]] = await Promise.all([absorbedBy(tenant, clientId), read(tenant, keysIn(clientId))]);
  if (own !== undefined || absorbed.length === 0) return own;
  const [elsewhere] = await read(tenant, absorbed.flatMap(keysIn));
  return elsewhere;
};
