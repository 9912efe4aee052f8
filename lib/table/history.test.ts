import * as fc from 'fast-check';
import { addClient, buildClient, newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import { keysOf } from '../../test/support/table.ts';
import { HistoryKindSchema } from '../contract/history.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { newNote } from '../domain/note.ts';
import { clientEvent, noteEvent } from '../domain/occurrence.ts';
import { withState, type ClientRecord } from '../domain/client.ts';
import { writeHistoryOf } from '../messaging/history.ts';
import { replacement } from './clients.ts';
import { listHistory } from './history.ts';
import { insertMessage } from './messages.ts';
import { insertNote } from './notes.ts';
import { commit } from './transaction.ts';

const channelId = newChannelId();
const reader = UserIdSchema.parse('ana');
const kinds = HistoryKindSchema.options;

const pageOf = (act: Act, { id }: ClientRecord, limit: number, cursor?: string) =>
  listHistory(act.tenant, id, { kinds, reader, now: act.now() }, { limit, cursor });

/** What a page tells, but for the client's own beginning, which the running system adds a moment later. */
const idsOf = ({ items }: Awaited<ReturnType<typeof pageOf>>): string[] =>
  items.filter(({ type }) => type !== 'ClientCreated').map(({ id }) => id);

const updated = (act: Act, client: ClientRecord) =>
  clientEvent(act, 'ClientUpdated', { ...client, lastName: act.newId() }, client);

/** Something of each sort that a history is made of; gives its id. */
const happen = async (act: Act, client: ClientRecord, sort: 'message' | 'note' | 'private' | 'change') => {
  if (sort === 'message') {
    const message = outboundMessage(act, client.id, { channelId });
    await commit(act.tenant, [insertMessage(act.tenant, message)]);
    return message.id;
  }
  if (sort === 'change') {
    const event = updated(act, client);
    await writeHistoryOf(act.tenant, [event]);
    return event.id;
  }
  const user = { userId: reader, role: 'admin' as const };
  const note = newNote(act, client.id, user, { text: 'Salom', type: 'general', private: sort === 'private' });
  await insertNote(act.tenant, note, noteEvent(act, 'NoteCreated', note), []);
  return note.id;
};

const sorts = fc.array(fc.constantFrom('message', 'note', 'private', 'change'), { minLength: 1, maxLength: 12 });

describe('the pages of a history', () => {
  it('have no gap and no repeat, also while more is written', async () => {
    await fc.assert(
      fc.asyncProperty(sorts, sorts, fc.integer({ min: 1, max: 4 }), async (before, meanwhile, limit) => {
        const act = newAct();
        const client = await addClient(act);
        const ids: string[] = [];
        for (const sort of before) ids.unshift(await happen(act, client, sort));
        const seen: string[] = [];
        const late = [...meanwhile];
        for (let cursor: string | undefined | null; cursor !== null;) {
          const page = await pageOf(act, client, limit, cursor);
          expect(page.items.length).toBeLessThanOrEqual(limit);
          seen.push(...idsOf(page));
          cursor = page.nextCursor;
          const sort = late.pop();
          if (sort !== undefined) await happen(act, client, sort);
        }
        expect(seen).toEqual(ids);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what was changed', () => {
  it('is kept once, however often its event comes and how many come at once', async () => {
    const act = newAct();
    const client = await addClient(act);
    const events = [updated(act, client), updated(act, client)];
    await Promise.all([
      writeHistoryOf(act.tenant, [...events, ...events]),
      writeHistoryOf(act.tenant, events),
      writeHistoryOf(act.tenant, events.toReversed()),
    ]);
    expect(idsOf(await pageOf(act, client, 10))).toEqual(events.map(({ id }) => id).toReversed());
  });

  it('is not kept of a client that is erased, or that never was', async () => {
    const act = newAct();
    const client = await addClient(act);
    await commit(act.tenant, [replacement(act.tenant, client, withState(act, client, 'erased'))]);
    const events = [updated(act, client), updated(act, buildClient(act))];
    await writeHistoryOf(act.tenant, events);
    const keys = await keysOf(act.tenant);
    expect(keys.filter((key) => events.some(({ id }) => key.endsWith(`#${id}`)))).toEqual([]);
  });

  it('is nothing where nothing changed but the version', async () => {
    const act = newAct();
    const client = await addClient(act);
    await writeHistoryOf(act.tenant, [clientEvent(act, 'ClientUpdated', { ...client, version: 2 }, client)]);
    expect(idsOf(await pageOf(act, client, 10))).toEqual([]);
  });
});
