import type { ConsentInput, ContactConsent } from '../contract/client-consents.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { allowedSince, recordConsent, refusesOn, saidByItself, withConsents } from '../domain/client-consent.ts';
import type { ConsentChange } from '../domain/consents.ts';
import { consentWord } from '../domain/consent-words.ts';
import { identityKindOfTransport, type Identity } from '../domain/identity.ts';
import type { MessageRecord } from '../domain/message.ts';
import { clientEvent } from '../domain/occurrence.ts';
import type { InboundMessage } from '../providers/provider.ts';
import { changeSteps, findClient, getClient } from '../table/clients.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';

/** On these a word of the client's own is known for what it means, as carriers and Meta demand. */
const hasWords = (transport: InboundMessage['transport']): boolean => transport === 'sms' || transport === 'whatsapp';

const NOTED_LETTERS = 60;

/** What an inbound message changes of its sender's consent. What the provider makes of it goes before its words. */
export const consentOf = ({ consent, transport, entry, editOf, media, text }: InboundMessage): ConsentChange[] => {
  const isWord = hasWords(transport) && entry === 'client' && editOf === undefined && media.length === 0;
  const meant = consent ?? (isWord ? consentWord(text) : undefined);
  if (meant === undefined || meant === 'unchanged') return [];
  return saidByItself(meant, 'client', text.trim().slice(0, NOTED_LETTERS).toWellFormed() || null);
};

export const consentEvent = (changes: readonly Pick<ConsentChange, 'status'>[]) =>
  changes.some(({ status }) => status === 'opted-out') ? 'ContactOptedOut' : 'ContactOptedIn';

/** What it takes to remember what was said about an address of this client; nothing when that is known. */
export const consentSteps = (
  act: Act,
  client: ClientRecord,
  identity: Identity,
  changes: readonly ConsentChange[],
): Step[] => {
  const after = withConsents(act, client, identity, changes);
  if (after === undefined) return [];
  return changeSteps(act.tenant, client, after, clientEvent(act, consentEvent(changes), after, client));
};

/**
 * Writes down what a user knows of a client's consent. One read and one transaction; a read alone when it is known.
 *
 * @throws Failure `resource.not-found`, `consent.own-refusal`
 */
export const noteConsent = (act: Act, id: ClientId, input: ConsentInput): Promise<ContactConsent> =>
  untilUndisturbed(async () => {
    const before = await getClient(act.tenant, id);
    const { client, consent } = recordConsent(act, before, input);
    if (client !== undefined) {
      const event = clientEvent(act, consentEvent([input]), client, before);
      await commit(act.tenant, changeSteps(act.tenant, before, client, event));
    }
    return consent;
  });

/** Who a client is since it was merged with another one: itself without a read, or that one with a read for each merge. */
const survivorOf = async (act: Act, client: ClientRecord): Promise<ClientRecord | undefined> => {
  let current: ClientRecord | undefined = client;
  while (current?.state === 'absorbed' && current.survivorId !== null) {
    current = await findClient(act.tenant, current.survivorId);
  }
  return current;
};

/** Whether the addressee wants no message like this one, as its client was read. */
export const isRefused = async (act: Act, message: MessageRecord, client: ClientRecord): Promise<boolean> => {
  const addressee = await survivorOf(act, client);
  const { delivery, transport } = message;
  return addressee !== undefined && delivery !== null && refusesOn(addressee, transport, delivery.to);
};

/** Whose address a message went to. One read, or two. */
const findAddressee = async (
  act: Act,
  { clientId }: Pick<MessageRecord, 'clientId'>,
): Promise<ClientRecord | undefined> => {
  const client = await findClient(act.tenant, clientId);
  return client && survivorOf(act, client);
};

/** What it takes to remember that whom this message went to wants no more; nothing when its client is gone. */
export const optOutSteps = async (act: Act, message: MessageRecord, code: string | null): Promise<Step[]> => {
  const kind = identityKindOfTransport(message.transport);
  const client = await findAddressee(act, message);
  if (kind === undefined || message.delivery === null || client?.state !== 'active') return [];
  const { to: value, attemptStartedAt } = message.delivery;
  const identity = { kind, value };
  // A report may be late: what it tells is older than a START that came after the attempt.
  if (attemptStartedAt !== null && allowedSince(client, identity, attemptStartedAt)) return [];
  return consentSteps(act, client, identity, saidByItself('opted-out', 'provider', code));
};
