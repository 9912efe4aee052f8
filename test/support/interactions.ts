import { InteractionSchema, type Interaction } from '../../lib/contract/interactions.ts';
import { pageOf } from '../../lib/contract/route.ts';
import { read } from './answers.ts';
import type { Api } from './client.ts';
import { openTenant } from './tenant.ts';

export const InteractionsSchema = pageOf(InteractionSchema);
export const LONG_AGO = '2020-01-01T10:00:00.000Z';
export const FAR_OFF = '2100-01-01T10:00:00.000Z';

/** A client, and where its interactions are. */
export const withInteractions = async () => {
  const tenant = await openTenant();
  const { id } = await tenant.addClient();
  return { tenant, clientId: id, path: `/crm/clients/${id}/interactions` };
};

export const addInteraction = async (user: Api, path: string, fields: object = {}): Promise<Interaction> =>
  read(await user.post(path, { subject: 'Call back', ...fields }), 201, InteractionSchema);

export const subjectsOf = async (reader: Api, path: string): Promise<string[]> =>
  read(await reader.get(path), 200, InteractionsSchema).items.map(({ subject }) => subject);
