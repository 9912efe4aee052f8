import * as z from 'zod';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { stretchesOf } from '../domain/projection.ts';
import { looksAtChats } from '../domain/segment-filter.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { findProjections, findSubjects, writeStretches } from '../table/projections.ts';
import { listAllSegments } from '../table/segments.ts';
import { untilUndisturbed } from '../table/transaction.ts';

/** Two items of each are read at once, and a read takes 100. */
const MOST_TOGETHER = 25;

/**
 * Three reads, of which two are side by side, and a transaction for as many clients as fit in. The records come first:
 * whoever writes after this read of theirs makes the write fail, and so everything else that is read is not older.
 */
const projectTogether = (act: Act, ids: readonly ClientId[]): Promise<void> =>
  untilUndisturbed(async () => {
    const recordOf = await findProjections(act.tenant, ids);
    const [subjectOf, segments] = await Promise.all([findSubjects(act.tenant, ids), listAllSegments(act.tenant)]);
    const now = act.now();
    const stretches = ids.flatMap((id) =>
      stretchesOf(id, recordOf(id), { ...subjectOf(id), segments, now }, act.newId),
    );
    await writeStretches(act.tenant, stretches);
  });

/** One client that cannot be read keeps no other from it. */
const projectOneByOne = async (act: Act, ids: readonly ClientId[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const id of ids) await projectTogether(act, [id]).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
};

/**
 * Brings what is written of clients outside their collections up to what they are now: by which tags and segments they are
 * found, and how many are. Of a client that is not active nothing is left. Doing it twice, or twice at once, changes
 * nothing more.
 */
export const projectClients = async (act: Act, ids: Iterable<ClientId>): Promise<void> => {
  const left = [...new Set(ids)];
  for (let start = 0; start < left.length; start += MOST_TOGETHER) {
    const together = left.slice(start, start + MOST_TOGETHER);
    try {
      await projectTogether(act, together);
    } catch (error) {
      // All else passes by itself, and sooner the less is asked.
      if (together.length === 1 || !(error instanceof z.ZodError)) throw error;
      await projectOneByOne(act, together);
    }
  }
};

const idsOf = (event: DomainEvent): ClientId[] => {
  const data: object = event.data;
  const ids = [event.subject.id, ...('absorbedId' in data ? [data.absorbedId] : [])];
  return ids.map((id) => ClientIdSchema.parse(id));
};

/** Of what happens to a message only that it is there changes its chat's head in what a filter looks at. */
const chatOf = (event: DomainEvent): ClientId[] => {
  if (event.type === 'MessageReceived' || event.type === 'MessageQueued') return [event.data.chatId];
  return event.subject.type === 'chat' ? [ClientIdSchema.parse(event.subject.id)] : [];
};

const anyLooksAtChats = async (tenant: TenantId): Promise<boolean> =>
  (await listAllSegments(tenant)).some(({ filter }) => looksAtChats(filter));

/** Projects whom these events are about. What happens in chats matters only where a segment looks at it. */
export const projectEvents = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  const clients = events.filter(({ subject }) => subject.type === 'client').flatMap(idsOf);
  const chats = events.flatMap(chatOf).filter((id) => !clients.includes(id));
  const matters = chats.length > 0 && (clients.length > 0 || (await anyLooksAtChats(act.tenant)));
  await projectClients(act, [...clients, ...(matters ? chats : [])]);
};
