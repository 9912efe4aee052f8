import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { LegalHoldRecordSchema, type LegalHoldRecord } from '../domain/legal-hold.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { getTogether } from './client.ts';
import { clientKey, legalHoldKey } from './keys.ts';
import { announce } from './outbox.ts';
import { absent, check, commit, put, remove, replace, unchanged, type Step } from './transaction.ts';

/** In whose collections stands what belongs to this client: its own, and those of the clients that were merged into it. */
export const homesOf = ({ id, absorbed }: Pick<ClientRecord, 'id' | 'absorbed'>): ClientId[] => [id, ...absorbed];

/** Which holds is a client under: its own first, then those of the clients that were merged into it? One read. */
export const findLegalHolds = async (tenant: TenantId, client: ClientRecord): Promise<LegalHoldRecord[]> => {
  const homes = homesOf(client);
  const items = await getTogether(
    tenant,
    homes.map((home) => legalHoldKey(tenant, home)),
  );
  const holds = items.map((item) => LegalHoldRecordSchema.parse(item));
  return homes.flatMap((home) => holds.find(({ clientId }) => clientId === home) ?? []);
};

const holdItem = (tenant: TenantId, hold: LegalHoldRecord) => ({ ...legalHoldKey(tenant, hold.clientId), ...hold });

/** The client is as it was read: neither merged nor erased since. */
const asRead = (tenant: TenantId, client: ClientRecord): Step =>
  check(clientKey(tenant, client.id), unchanged(client.revision));

/** Puts a hold, or another in its place. One transaction. @throws Raced */
export const saveLegalHold = (
  act: Act,
  client: ClientRecord,
  before: LegalHoldRecord | undefined,
  after: LegalHoldRecord,
  event: DomainEvent,
): Promise<void> =>
  commit(act.tenant, [
    asRead(act.tenant, client),
    before === undefined ? put(holdItem(act.tenant, after), absent) : replace(holdItem(act.tenant, after), before),
    announce(event),
  ]);

/** Lifts every hold that a client is under. One transaction. @throws Raced */
export const liftLegalHolds = (
  act: Act,
  client: ClientRecord,
  holds: readonly LegalHoldRecord[],
  event: DomainEvent,
): Promise<void> =>
  commit(act.tenant, [
    asRead(act.tenant, client),
    ...holds.map(({ clientId, revision }) => remove(legalHoldKey(act.tenant, clientId), unchanged(revision))),
    announce(event),
  ]);

const underHold =
  (refused: string) =>
  (existing: unknown): Failure => {
    const hold = LegalHoldRecordSchema.safeParse(existing);
    return new Failure('client.legal-hold', `${refused}: ${hold.data?.reason ?? 'no reason was given'}`);
  };

/** Neither the client nor any that was merged into it is under a hold. Refused with the reason. */
export const whileNotHeld = (tenant: TenantId, client: ClientRecord): Step[] =>
  homesOf(client).map((home) => check(legalHoldKey(tenant, home), absent, underHold('The client may not be erased')));

/** No hold was put on the survivor: it may be about what came from the client that would leave. Refused with the reason. */
export const whileSurvivorNotHeld = (tenant: TenantId, survivorId: ClientId): Step =>
  check(legalHoldKey(tenant, survivorId), absent, underHold('The clients may not be parted'));
