import { randomBytes } from 'node:crypto';
import { keepFile } from '../cloud/files.ts';
import { signExport } from '../cloud/client-exports.ts';
import { JobIdSchema, MessageIdSchema, UploadIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { attachmentOf } from '../domain/attachment.ts';
import { newExport, type ExportRecord } from '../domain/client-export.ts';
import { withState, type ClientRecord } from '../domain/client.ts';
import { newJob } from '../domain/job.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { receivedUpload } from '../domain/upload.ts';
import { findExport, startExport } from '../table/client-exports.ts';
import { hideClient } from '../table/clients.ts';
import { insertMessage } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { insertUpload } from '../table/uploads.ts';
import { addClient, newAct, outboundMessage } from '../../test/support/builders.ts';
import { objectsOf } from '../../test/support/bucket.ts';
import { documentIn, filesIn } from '../../test/support/privacy.ts';
import { exportBeginning } from './export-position.ts';
import { exportWork } from './export-work.ts';

const MEGABYTE = 1024 * 1024;

/** A message with files of three megabytes each that cannot be made smaller. */
const addFiles = async (act: Act, client: ClientRecord, count: number): Promise<Buffer[]> => {
  const all = Array.from({ length: count }, () => randomBytes(3 * MEGABYTE));
  const attachments = [];
  for (const [index, bytes] of all.entries()) {
    const id = UploadIdSchema.parse(act.newId());
    const content = { name: `${index}.bin`, contentType: 'application/zip', size: bytes.length };
    const upload = receivedUpload(act, id, client.id, content);
    await keepFile(act.tenant, id, { bytes, contentType: content.contentType });
    await commit(act.tenant, [insertUpload(act.tenant, upload)]);
    attachments.push(attachmentOf(upload));
  }
  const message = outboundMessage(act, client.id, {
    id: MessageIdSchema.parse(act.newId()),
    status: 'sent',
    attachments,
  });
  await commit(act.tenant, [insertMessage(act.tenant, { ...message, dueAt: null })]);
  return all;
};

/** An export that nobody works on but this test. */
const begin = async (act: Act, client: ClientRecord) => {
  const position: unknown = exportBeginning([client.id]);
  const job = newJob(act, { kind: 'client-export', subjectId: client.id, position }, 1);
  await startExport(act, undefined, newExport(act, client.id, [client.id], job.id), []);
  return job;
};

/** Step after step. Whoever dies does so before a step is saved. */
const run = async (
  act: Act,
  client: ClientRecord,
  dies: (step: number) => boolean,
): Promise<ExportRecord | undefined> => {
  let job = await begin(act, client);
  for (let step = 0, isOver = false; !isOver; step += 1) {
    const result = await exportWork.step(act, job);
    if (dies(step)) continue;
    if (result.also !== undefined && result.also.length > 0) await commit(act.tenant, result.also);
    job = { ...job, position: JSON.parse(JSON.stringify(result.position)) };
    isOver = result.next === 'done';
  }
  return findExport(act.tenant, client.id, act.actor.id);
};

describe('an export of many megabytes', () => {
  it.each([
    ['by one worker', () => false],
    ['by workers who die after every other step', (step: number) => step % 2 === 0 && step < 4],
    ['by workers of whom many die at the end', (step: number) => step < 4 && step % 2 === 1],
  ])('is written part by part %s', async (_, dies) => {
    const act = newAct();
    const client = await addClient(act);
    const written = await addFiles(act, client, 3);
    const record = await run(act, client, dies);
    expect(record).toMatchObject({ state: 'ready', uploadId: null });
    const files = await filesIn(
      await signExport({ tenant: act.tenant, clientId: client.id, id: JobIdSchema.parse(record?.id) }, 60),
    );
    expect(documentIn(files)).toMatchObject({ client: { id: client.id }, messages: [{ chatId: client.id }] });
    const found = [...files]
      .filter(([name]) => name.startsWith('files/'))
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect(found.map(([, bytes], index) => written[index]?.equals(bytes))).toEqual(written.map(() => true));
    expect([...(await objectsOf(act.tenant)).keys()].filter((key) => key.startsWith('exports/'))).toHaveLength(1);
  });

  it('comes to nothing, and leaves nothing, when the client is deleted meanwhile', async () => {
    const act = newAct();
    const client = await addClient(act);
    await addFiles(act, client, 3);
    let job = await begin(act, client);
    const first = await exportWork.step(act, job);
    await commit(act.tenant, first.also ?? []);
    job = { ...job, position: first.position };
    const deleted = withState(act, client, 'deleted');
    await hideClient(act.tenant, client, deleted, clientEvent(act, 'ClientDeleted', deleted));
    const last = await exportWork.step(act, job);
    expect(last.next).toBe('done');
    await commit(act.tenant, last.also ?? []);
    expect((await findExport(act.tenant, client.id, act.actor.id))?.state).toBe('failed');
    expect([...(await objectsOf(act.tenant)).keys()].filter((key) => key.startsWith('exports/'))).toEqual([]);
  });
});
