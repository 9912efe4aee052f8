import { newAct, outboundMessage } from '../../test/support/builders.ts';
import { addClients, merge, phoneOf, threadOf, undo, write } from '../../test/support/merges.ts';
import { attachment, daysAgo } from '../../test/support/retention.ts';
import { itemsOf } from '../../test/support/table.ts';
import { keepFile, readFile } from '../cloud/files.ts';
import { SettingsInputSchema } from '../contract/settings.ts';
import { UploadIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { newLegalHold } from '../domain/legal-hold.ts';
import { legalHoldEvent, settingsEvent } from '../domain/occurrence.ts';
import { receivedUpload } from '../domain/upload.ts';
import { getChat } from '../table/chats.ts';
import { clientKey, clientsByAge, MESSAGE } from '../table/keys.ts';
import { findJob, startJob } from '../table/jobs.ts';
import { liftLegalHolds, saveLegalHold } from '../table/legal-holds.ts';
import { insertMessage } from '../table/messages.ts';
import { getSettings, saveSettings } from '../table/settings.ts';
import { commit, put } from '../table/transaction.ts';
import { findUpload, putUpload } from '../table/uploads.ts';
import { runJob, type JobWork } from './jobs.ts';
import { boundsOf } from './retention-bounds.ts';
import { clearCollection, Moved } from './retention-removal.ts';
import { RETENTION_BEGINNING, retentionWork } from './retention-work.ts';

const keepAMonth = async (act: Act): Promise<void> => {
  const before = await getSettings(act.tenant);
  const { retention } = SettingsInputSchema.parse({ retention: { messages: 30 } });
  const after = { ...before, retention, version: before.version + 1, revision: before.revision + 1 };
  await saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
};

/** A job without its queue entry, so that nobody but the test takes it. */
const start = async (act: Act) => {
  const { job, steps } = startJob(act, { kind: 'retention', subjectId: act.tenant, position: RETENTION_BEGINNING });
  await commit(act.tenant, steps.slice(0, 1));
  return job;
};

const later = (act: Act, seconds: number): Act => ({ ...act, now: () => new Date(Date.now() + seconds * 1000) });
const oldMessages = async ({ tenant }: Act): Promise<number> =>
  (await itemsOf(tenant)).filter((item) => String(item.sk).startsWith('MESSAGE#') && item.text === 'Old').length;

describe('the removal of what is too old', () => {
  it('that was broken off, or is done by two at once, is finished by whoever takes it up, and counts right', async () => {
    const act = newAct();
    const [past, now] = [daysAgo(act.tenant, 40), daysAgo(act.tenant, 1)];
    const clients = await addClients(past, 3);
    const [one, other, third] = clients;
    if (one === undefined || other === undefined || third === undefined) throw new Error('There are three.');
    for (const client of clients) for (let count = 0; count < 3; count += 1) await write(past, phoneOf(client), 'Old');
    await write(now, phoneOf(one));
    await write(now, phoneOf(other));
    const { merge: merged } = await merge(now, one.id, other.id);
    await keepAMonth(act);
    const job = await start(act);
    let crashes = 1;
    const work: JobWork = {
      step: async (own, taken) => {
        const step = await retentionWork.step(own, taken);
        // What was removed is not known to the job.
        if (crashes > 0) {
          crashes -= 1;
          throw new Error('The worker dies.');
        }
        return step;
      },
    };
    const run = (own: Act) => runJob(own, { retention: work }, { jobId: job.id }, () => undefined);
    await run(act);
    expect(await findJob(act.tenant, job.id)).toMatchObject({ state: 'queued', failures: 1 });
    await Promise.all([run(later(act, 3_600)), run(later(act, 3_600)), retentionWork.step(act, job)]);
    expect(await findJob(act.tenant, job.id)).toMatchObject({ state: 'done' });
    expect(await oldMessages(act)).toBe(0);
    expect(await threadOf(act, one.id)).toHaveLength(2);
    expect(await getChat(act.tenant, third.id)).toMatchObject({ unreadCount: 0, lastMessage: null });
    await undo(act, one.id, merged);
    for (const { id } of [one, other]) expect(await threadOf(act, id)).toHaveLength(1);
  });

  it('passes over whom it cannot clear, says who, and clears all after them', async () => {
    const act = newAct();
    const past = daysAgo(act.tenant, 40);
    const [broken, one, other] = await addClients(past, 3);
    if (broken === undefined || one === undefined || other === undefined) throw new Error('There are three.');
    for (const client of [broken, one, other]) await write(past, phoneOf(client), 'Old');
    const nobody = past.newId();
    await commit(act.tenant, [
      put({ pk: clientKey(act.tenant, broken.id).pk, sk: `${MESSAGE}${past.newId()}`, text: 'What is this?' }),
      // Comes between the others.
      put({
        pk: `${clientKey(act.tenant, broken.id).pk}X`,
        sk: 'CLIENT',
        gsi1pk: clientsByAge(act.tenant),
        gsi1sk: `${one.createdAt}#${nobody}`,
      }),
    ]);
    await keepAMonth(act);
    const job = await start(act);
    const passedOver: unknown[] = [];
    await runJob(act, { retention: retentionWork }, { jobId: job.id }, (_, error, id) => {
      passedOver.push([id, error instanceof Error && error.name]);
    });
    expect(await findJob(act.tenant, job.id)).toMatchObject({ state: 'done', failures: 0 });
    expect(passedOver).toEqual([
      [broken.id, 'ZodError'],
      [nobody, 'ZodError'],
    ]);
    for (const { id } of [one, other]) expect(await threadOf(act, id)).toEqual([]);
    expect(await oldMessages(act)).toBe(1);
  });

  it('passes over nobody while the table is away or too busy, or refuses us', async () => {
    const act = newAct();
    const past = daysAgo(act.tenant, 40);
    for (const client of await addClients(past, 2)) await write(past, phoneOf(client), 'Old');
    await keepAMonth(act);
    const job = await start(act);
    const stepWith = (name: string, particulars = {}) => {
      const newId = () => {
        throw Object.assign(new Error('x'), { name, ...particulars });
      };
      return retentionWork.step({ ...act, newId }, job);
    };
    await expect(stepWith('ThrottlingException')).rejects.toThrow();
    await expect(stepWith('TimeoutError')).rejects.toThrow();
    await expect(stepWith('Error', { code: 'ECONNREFUSED' })).rejects.toThrow();
    await expect(stepWith('AccessDeniedException', { $metadata: {} })).rejects.toThrow();
    expect(await stepWith('ValidationException', { $metadata: {} })).toMatchObject({ passedOver: [{}, {}] });
    expect(await oldMessages(act)).toBe(2);
  });

  it('spares whoever is put under a hold, or merged, since being read: also the files', async () => {
    const act = newAct();
    const past = daysAgo(act.tenant, 40);
    const [client, other] = await addClients(past, 2);
    if (client === undefined || other === undefined) throw new Error('There are two.');
    const file = UploadIdSchema.parse(past.newId());
    const content = { contentType: 'application/pdf', size: 3 };
    await keepFile(act.tenant, file, { ...content, bytes: Buffer.from('old') });
    await commit(act.tenant, [
      putUpload(act.tenant, receivedUpload(past, file, client.id, { ...content, name: 'a.pdf' })),
      insertMessage(act.tenant, {
        ...outboundMessage(past, client.id, { status: 'delivered', text: 'Old', dueAt: null }),
        attachments: [attachment(file)],
      }),
    ]);
    const bounds = boundsOf(SettingsInputSchema.parse({ retention: { messages: 30 } }), new Date());
    const clear = () => clearCollection(act, { client, home: client.id, bounds }, 100);
    const expectAll = async () => {
      expect(await oldMessages(act)).toBe(1);
      expect(await readFile(act.tenant, file)).toBeDefined();
      expect(await findUpload(act.tenant, file)).toMatchObject({ removed: false, clientId: client.id });
    };
    const hold = newLegalHold(act, client.id, 'Court');
    await saveLegalHold(act, client, undefined, hold, legalHoldEvent(act, 'LegalHoldSet', hold));
    await expect(clear()).rejects.toMatchObject({ code: 'client.legal-hold' });
    await expectAll();
    await liftLegalHolds(act, client, [hold], legalHoldEvent(act, 'LegalHoldLifted', hold));
    const { merge: merged } = await merge(act, other.id, client.id);
    await expect(clear()).rejects.toThrow(Moved);
    await expectAll();
    await undo(act, other.id, merged);
    expect(await clear()).toBe(1);
    expect(await oldMessages(act)).toBe(0);
    // Unless the due job was here already.
    expect((await findUpload(act.tenant, file))?.removed ?? true).toBe(true);
  });
});
