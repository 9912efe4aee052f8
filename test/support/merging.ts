import type { Answer } from '../../local/http-client.ts';
import type * as z from 'zod';
import { ClientSchema, type Client } from '../../lib/contract/clients.ts';
import { mergeClients, MergeSchema, undoMerge } from '../../lib/contract/merge.ts';
import { pageOf } from '../../lib/contract/route.ts';
import { problemOf, read } from './answers.ts';
import type { Tenant } from './tenant.ts';

export const MergesSchema = pageOf(MergeSchema);

/** A client that never was. */
export const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

type Named = Pick<Client, 'id'>;

export const pathOf = ({ id }: Named): string => `/crm/clients/${id}`;

export const clientOf = async (tenant: Tenant, of: Named): Promise<Client> =>
  read(await tenant.admin.get(pathOf(of)), 200, ClientSchema);

export const merge = (tenant: Tenant, survivor: Named, { id }: Named, fields: object = {}): Promise<Answer> =>
  tenant.admin.post(`${pathOf(survivor)}/merge`, { clientId: id, ...fields });

/** The survivor, with the merge that was made. */
export const merged = async (
  tenant: Tenant,
  survivor: Named,
  absorbed: Named,
  fields: object = {},
): Promise<z.output<typeof mergeClients.result>> =>
  read(await merge(tenant, survivor, absorbed, fields), 200, mergeClients.result);

export const undo = (tenant: Tenant, survivor: Named, mergeId: string): Promise<Answer> =>
  tenant.admin.post(`${pathOf(survivor)}/merge/${mergeId}/undo`);

export const undone = async (
  tenant: Tenant,
  survivor: Named,
  mergeId: string,
): Promise<z.output<typeof undoMerge.result>> => read(await undo(tenant, survivor, mergeId), 200, undoMerge.result);

/** The answer leads to the same address of the survivor. */
export const expectMoved = (answer: Answer, location: string, survivor: Named): void => {
  expect(problemOf(answer, 308, 'client.absorbed').clientId).toBe(survivor.id);
  expect(answer.headers.get('location')).toBe(location);
  expect(answer.headers.get('cache-control')).toBe('no-store');
};
