import { handler as listClients } from '../../functions/clients/list-clients.ts';
import { handler as createSegment } from '../../functions/segments/create-segment.ts';
import { handler as deleteSegment } from '../../functions/segments/delete-segment.ts';
import { handler as getSegment } from '../../functions/segments/get-segment.ts';
import { handler as listSegmentClients } from '../../functions/segments/list-segment-clients.ts';
import { handler as listSegments } from '../../functions/segments/list-segments.ts';
import { handler as replaceSegment } from '../../functions/segments/replace-segment.ts';
import { handler as addTags } from '../../functions/tags/add-tags.ts';
import { handler as listTags } from '../../functions/tags/list-tags.ts';
import { handler as removeTags } from '../../functions/tags/remove-tags.ts';
import { SegmentInputSchema } from '../../lib/contract/segments.ts';
import { SegmentIdSchema } from '../../lib/contract/vocabulary.ts';
import { newChat } from '../../lib/domain/chat.ts';
import { segmentEvent } from '../../lib/domain/occurrence.ts';
import { newSegment, segmentView, unbuilt } from '../../lib/domain/segment.ts';
import { projectClients } from '../../lib/messaging/project.ts';
import { insertionSteps } from '../../lib/table/clients.ts';
import { getSegmentWithState, insertSegment } from '../../lib/table/segments.ts';
import { commit } from '../../lib/table/transaction.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  transaction,
  type Budget,
  type Stage,
} from './budget-stage.ts';
import { addClient, buildClient, newAct } from './builders.ts';
import { eventually } from './client.ts';

const input = () => ({ name: act.newId(), filter: {} });

const addSegment = async (): Promise<string> => {
  const segment = newSegment(act, SegmentInputSchema.parse(input()));
  await insertSegment(act, segment, segmentEvent(act, 'SegmentCreated', segmentView(segment, unbuilt(segment))), []);
  return segment.id;
};

const ofSegment = async (stage: Stage, more: Parameters<Stage['call']>[1] = {}) =>
  stage.call({ segmentId: await addSegment() }, more);

/** Its job is over, and stands in nobody's way. */
const addBuilt = async (): Promise<string> => {
  const id = SegmentIdSchema.parse(await addSegment());
  await eventually(async () => {
    const { state } = await getSegmentWithState(act.tenant, id);
    if (state.status !== 'ready') throw new Error('The segment is not built.');
  });
  return id;
};

/** Ten clients of whom no event tells, so that nobody else projects them. */
const addQuietly = async () => {
  const quiet = newAct();
  const clients = Array.from({ length: 10 }, () => buildClient(quiet, { tags: ['vip', 'new'] }));
  const steps = clients.flatMap((client) => insertionSteps(quiet.tenant, client, newChat(quiet, client)));
  await commit(quiet.tenant, steps);
  return { quiet, ids: clients.map(({ id }) => id) };
};

/** What tags and segments cost. */
export const segmentBudgets: readonly Budget[] = [
  {
    operation: 'add tags',
    promised: [read, transaction],
    run: (stage, { id }) => {
      const body = { tags: [act.newId()] };
      return requestsOf(addTags, stage.call({ clientId: id }, { method: 'POST', body }), 200);
    },
  },
  {
    operation: 'remove tags',
    promised: [read, transaction],
    run: async (stage) => {
      const { id } = await addClient(act, { tags: ['vip'] });
      const body = { tags: ['VIP'] };
      return requestsOf(removeTags, stage.call({ clientId: id }, { method: 'DELETE', body }), 200);
    },
  },
  { operation: 'list tags', promised: [query], run: (stage) => requestsOf(listTags, stage.call(), 200) },
  {
    operation: 'list clients with a tag',
    promised: [query, readTogether],
    run: async (stage) => {
      const { id } = await addClient(act, { tags: ['loyal'] });
      await projectClients(act, [id]);
      return requestsOf(listClients, stage.call({}, { query: { tag: 'loyal' } }), 200);
    },
  },
  {
    operation: 'project ten new clients',
    promised: [readTogether, readTogether, query, transaction],
    run: async () => {
      const { quiet, ids } = await addQuietly();
      return requestsDuring(() => projectClients(quiet, ids));
    },
  },
  {
    operation: 'project clients who are as they were',
    promised: [readTogether, readTogether, query],
    run: async () => {
      const { quiet, ids } = await addQuietly();
      await projectClients(quiet, ids);
      return requestsDuring(() => projectClients(quiet, ids));
    },
  },
  {
    operation: 'create a segment',
    promised: [transaction],
    run: (stage) => requestsOf(createSegment, stage.call({}, { method: 'POST', body: input() }), 201),
  },
  {
    operation: 'get a segment',
    promised: [readTogether],
    run: async (stage) => requestsOf(getSegment, await ofSegment(stage), 200),
  },
  {
    operation: 'list segments',
    promised: [query, readTogether],
    run: async (stage) => {
      await addSegment();
      return requestsOf(listSegments, stage.call(), 200);
    },
  },
  {
    operation: 'replace a segment',
    promised: [readTogether, transaction],
    run: async (stage) => requestsOf(replaceSegment, await ofSegment(stage, { method: 'PUT', body: input() }), 200),
  },
  {
    operation: 'delete a segment',
    promised: [readTogether, transaction],
    run: async (stage) => {
      const event = stage.call({ segmentId: await addBuilt() }, { method: 'DELETE' });
      return requestsOf(deleteSegment, event, 204);
    },
  },
  {
    operation: 'list the clients of a segment',
    promised: [read, query],
    run: async (stage) => requestsOf(listSegmentClients, await ofSegment(stage), 200),
  },
];
