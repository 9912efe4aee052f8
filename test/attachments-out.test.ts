import { createHash } from 'node:crypto';
import * as z from 'zod';
import { MessageSchema } from '../lib/contract/messages.ts';
import { ClientIdSchema } from '../lib/contract/vocabulary.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { docx, exe, jpeg, pdf, png } from './support/files.ts';
import { merged } from './support/merging.ts';
import { newPhone, newTelegramUser, unique } from './support/random.ts';
import { keysOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';
import { announce, openFile, uploadFile } from './support/uploads.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

const picture = { name: 'photo.png', contentType: 'image/png', bytes: png };
const document = { name: 'счёт.pdf', contentType: 'application/pdf', bytes: pdf };
const letter = { name: 'letter "1".docx', contentType: DOCX, bytes: docx };

const OutboxSchema = z.object({
  items: z.array(
    z.object({
      text: z.string(),
      times: z.number(),
      accepted: z.number(),
      attachments: z.array(
        z.object({ name: z.string(), contentType: z.string(), size: z.number(), sha256: z.string() }),
      ),
    }),
  ),
});

const outboxOf = async (to: string) => read(await simulator().outbox({ to }), 200, OutboxSchema).items;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a provider has to have got. */
const received = ({ name, contentType, bytes }: typeof picture) => ({
  name,
  contentType,
  size: bytes.length,
  sha256: sha256(bytes),
});

/** What the API has to show. */
const shown = ({ name, contentType, bytes }: typeof picture, uploadId: string) => ({
  uploadId,
  name,
  contentType,
  size: bytes.length,
  state: 'stored',
  error: null,
});

const openSms = async (transport: 'sms' | 'whatsapp' = 'sms') => {
  const tenant = await openTenant();
  const channel = await tenant.connectTwilio(transport);
  const to = newPhone();
  const { id } = await tenant.addClient({ phone: to, preferredTransport: transport });
  // WhatsApp takes what answers a client.
  if (transport === 'whatsapp') await tenant.receive(channel, { from: to, text: 'Salom' });
  return { tenant, channel, to, id };
};

const openTelegram = async () => {
  const tenant = await openTenant();
  const [channel, user] = [await tenant.connectTelegram(), newTelegramUser()];
  await tenant.receive(channel, { from: user, text: 'Hello' });
  return { tenant, channel, to: String(user), id: (await tenant.onlyChat()).id };
};

const upload = async (tenant: Tenant, file: typeof picture) => ({
  uploadId: (await uploadFile(tenant.admin, file)).id,
});

describe('a message with files', () => {
  it('goes out as an MMS, text or none, and shows what it carries', async () => {
    const { tenant, to, id } = await openSms();
    const files = [await upload(tenant, picture), await upload(tenant, document)];
    const queued = await tenant.send(id, { text: 'Look', attachments: files });
    expect(queued.attachments).toEqual([
      shown(picture, files[0]?.uploadId ?? ''),
      shown(document, files[1]?.uploadId ?? ''),
    ]);
    expect((await eventOf(tenant.id, 'MessageQueued', queued.id)).data.attachments).toEqual(queued.attachments);
    await tenant.becomes(queued, 'delivered');
    const attachments = [received(picture), received(document)];
    expect(await outboxOf(to)).toMatchObject([{ text: 'Look', times: 1, accepted: 1, attachments }]);
    const mute = await tenant.becomes(await tenant.send(id, { attachments: files.slice(0, 1) }), 'delivered');
    expect(mute.text).toBe('');
    expect((await outboxOf(to)).at(-1)).toMatchObject({ text: '', times: 1, attachments: [received(picture)] });
    expect((await openFile(tenant.admin, files[1]?.uploadId ?? '')).bytes).toEqual(pdf);
  });

  it('goes out by WhatsApp', async () => {
    const { tenant, to, id } = await openSms('whatsapp');
    const attachments = [await upload(tenant, letter)];
    await tenant.becomes(await tenant.send(id, { text: 'Please sign', attachments }), 'delivered');
    expect(await outboxOf(to)).toMatchObject([{ text: 'Please sign', times: 1, attachments: [received(letter)] }]);
  });

  it.each([
    ['a picture', [picture]],
    ['a document that Telegram fetches', [document]],
    ['a document that is handed over', [{ ...letter, name: 'letter.docx' }]],
    ['pictures', [picture, { name: 'b.jpg', contentType: 'image/jpeg', bytes: jpeg }]],
    ['pictures and documents', [picture, document, { ...letter, name: 'letter.docx' }]],
  ])('goes out by Telegram in one call: %s', async (_, files) => {
    const { tenant, to, id } = await openTelegram();
    const attachments = await Promise.all(files.map((file) => upload(tenant, file)));
    await tenant.becomes(await tenant.send(id, { text: 'Look', attachments }), 'sent');
    const [row, ...others] = await outboxOf(to);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ text: 'Look', times: 1, accepted: 1 });
    const found = row?.attachments.map(({ name, size, sha256: hash }) => ({ name, size, sha256: hash }));
    expect(found).toEqual(files.map(({ name, bytes }) => ({ name, size: bytes.length, sha256: sha256(bytes) })));
  });

  it('is found at Twilio when its answer is lost, and sent once', async () => {
    const { tenant, to, id } = await openSms();
    await simulator().setFaults({ provider: 'twilio', to, acceptThenErrorRate: 1, dropCallbacks: 1, times: 1 });
    const attachments = [await upload(tenant, picture)];
    const message = await tenant.send(id, { attachments });
    await tenant.becomes(message, 'unknown');
    await eventually(async () => expect((await tenant.message(message)).status).toBe('sent'), 25_000);
    expect(await outboxOf(to)).toMatchObject([{ times: 1, attachments: [received(picture)] }]);
  });

  it('can be sent again with its files', async () => {
    const { tenant, to, id } = await openTelegram();
    await simulator().setFaults({ provider: 'telegram', to, rejectRate: 1, times: 1 });
    const attachments = [await upload(tenant, picture)];
    const failed = await tenant.becomes(await tenant.send(id, { text: 'Look', attachments }), 'failed');
    const answer = await tenant.admin.post(`/crm/chats/${id}/messages/${failed.id}/resend`);
    const again = read(answer, 202, MessageSchema);
    expect(again.attachments).toEqual(failed.attachments);
    await tenant.becomes(again, 'sent');
    expect(await outboxOf(to)).toMatchObject([{ times: 2, accepted: 1, attachments: [received(picture)] }]);
  });

  it('is queued once for an Idempotency-Key, and by one of two that use a file first', async () => {
    const { tenant, id } = await openSms();
    const attachments = [await upload(tenant, picture)];
    const headers = { 'idempotency-key': unique('key') };
    const path = `/crm/chats/${id}/messages`;
    const answers = await Promise.all([1, 2].map(() => tenant.admin.post(path, { attachments }, headers)));
    expect(new Set(answers.map((answer) => read(answer, 202, MessageSchema).id)).size).toBe(1);
    const fresh = [await upload(tenant, picture)];
    const both = await Promise.all([1, 2].map(() => tenant.send(id, { attachments: fresh })));
    expect(both[0]?.attachments).toEqual(both[1]?.attachments);
  });
});

describe('a message with files is refused', () => {
  it.each([
    ['eleven files', { attachments: Array.from({ length: 11 }, () => ({ uploadId: ABSENT })) }, '/attachments'],
    ['no file', { attachments: [] }, '/attachments'],
    ['a file with a name', { attachments: [{ uploadId: ABSENT, name: 'x' }] }, '/attachments/0/name'],
    ['nothing at all', {}, '/text'],
  ] as const)('with %s', async (_, body, pointer) => {
    const { tenant, id } = await openSms();
    const problem = problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, body), 400, 'request.invalid');
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  it('over a limit of its provider, which is named, and nothing is queued', async () => {
    const { tenant, to, id } = await openSms('whatsapp');
    const files = [await upload(tenant, picture), await upload(tenant, picture)];
    const ours = async () => (await keysOf(tenant.id)).filter((key) => /#UPLOAD#|MESSAGE#/.test(key));
    const before = await ours();
    const refusal = async (body: object) =>
      problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, body), 422, 'message.limit').detail;
    expect(await refusal({ attachments: files })).toContain('WhatsApp takes 1 file a message');
    expect(await refusal({ text: 'x'.repeat(1_601), attachments: files.slice(0, 1) })).toContain('1600 characters');
    expect(await ours()).toEqual(before);
    const zip = await upload(tenant, { name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('Salom') });
    expect(await refusal({ attachments: [zip] })).toContain('no files of type text/plain');
    const large = { ...picture, bytes: Buffer.concat([png, Buffer.alloc(5_000_000)]) };
    expect(await refusal({ attachments: [await upload(tenant, large)] })).toContain('pictures of up to 5 MB');
    expect(await outboxOf(to)).toEqual([]);
  });

  it('over a limit of Telegram', async () => {
    const { tenant, id } = await openTelegram();
    const body = { text: 'x'.repeat(1_025), attachments: [await upload(tenant, picture)] };
    const problem = problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, body), 422, 'message.limit');
    expect(problem.detail).toContain('1024 characters for a text with files');
  });

  it('whose file is not there, not uploaded, not what it was said to be, or in another chat', async () => {
    const [{ tenant, id }, stranger] = await Promise.all([openSms(), openTenant()]);
    const send = (uploadId: string, to = id) =>
      tenant.admin.post(`/crm/chats/${to}/messages`, { text: 'Look', attachments: [{ uploadId }] });
    const [theirs, awaited, lie, mine] = [
      await upload(stranger, picture),
      await announce(tenant.admin, picture),
      await upload(tenant, { ...picture, bytes: exe }),
      await upload(tenant, picture),
    ];
    problemOf(await send(ABSENT), 404, 'resource.not-found');
    problemOf(await send(theirs.uploadId), 404, 'resource.not-found');
    problemOf(await send(awaited.id), 409, 'upload.awaited');
    problemOf(await send(lie.uploadId), 422, 'upload.mismatch');
    problemOf(await send(lie.uploadId), 422, 'upload.mismatch');
    read(await send(mine.uploadId), 202, MessageSchema);
    read(await send(mine.uploadId), 202, MessageSchema);
    const other = await tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' });
    problemOf(await send(mine.uploadId, other.id), 409, 'upload.used');
    expect((await tenant.chat(id)).messages).toHaveLength(2);
  });

  it('by who may not send', async () => {
    const { tenant, id } = await openSms();
    const agent = await tenant.as('agent');
    const { id: uploadId } = await uploadFile(agent, picture);
    read(await agent.post(`/crm/chats/${id}/messages`, { attachments: [{ uploadId }] }), 202, MessageSchema);
    await tenant.admin.delete(`/crm/clients/${id}`);
    problemOf(await agent.get(`/crm/uploads/${uploadId}`), 404, 'resource.not-found');
    await tenant.admin.post(`/crm/clients/${id}/restore`);
    expect((await openFile(agent, uploadId)).bytes).toEqual(png);
  });
});

it("a merged client's files are the survivor's, to be opened and sent again while the survivor is there", async () => {
  const { tenant, id } = await openSms();
  const attachments = [await upload(tenant, picture)];
  await tenant.send(id, { attachments });
  const survivor = await tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' });
  await merged(tenant, survivor, { id: ClientIdSchema.parse(id) });
  const uploadId = attachments[0]?.uploadId ?? '';
  expect((await openFile(tenant.admin, uploadId)).bytes).toEqual(png);
  await tenant.send(survivor.id, { attachments, transport: 'sms' });
  await tenant.admin.delete(`/crm/clients/${survivor.id}`);
  problemOf(await tenant.admin.get(`/crm/uploads/${uploadId}`), 404, 'resource.not-found');
});
