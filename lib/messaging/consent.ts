import type { Act } from '../domain/act.ts';
import { withConsent } from '../domain/client.ts';
import { identityKindOfTransport } from '../domain/identity.ts';
import type { MessageRecord } from '../domain/message.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { changeSteps, findClient } from '../table/clients.ts';
import type { Step } from '../table/transaction.ts';

/** What it takes to remember that whom this message went to wants no more; nothing when its client is gone. */
export const optOutSteps = async (act: Act, message: MessageRecord): Promise<Step[]> => {
  const kind = identityKindOfTransport(message.transport);
  const client = await findClient(act.tenant, message.clientId);
  if (kind === undefined || message.delivery === null || client?.state !== 'active') return [];
  const after = withConsent(act, client, { kind, value: message.delivery.to }, true);
  return changeSteps(act.tenant, client, after, clientEvent(act, 'ContactOptedOut', after, client));
};
