import { MAX_FILE_BYTES } from '../lib/contract/files.ts';
import { UploadIdSchema } from '../lib/contract/vocabulary.ts';
import { clearUpload } from '../lib/messaging/uploads.ts';
import { findUpload } from '../lib/table/uploads.ts';
import { pointersOf, problemOf } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { docx, exe, jpeg, mp4, pdf, png, zip } from './support/files.ts';
import { unique } from './support/random.ts';
import { keysOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';
import { announce, locationOf, openFile, postFile, uploadFile } from './support/uploads.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const picture = { name: 'a.png', contentType: 'image/png', bytes: png };

describe('announcing a file', () => {
  it('says where to upload it, for an hour', async () => {
    const { id: tenant, admin } = await openTenant();
    const answer = await admin.post('/crm/uploads', { name: 'счёт.pdf', contentType: 'application/pdf', size: 9 });
    const upload = { name: 'счёт.pdf', contentType: 'application/pdf', size: 9, state: 'awaiting', error: null };
    expect(answer).toMatchObject({ status: 201, body: { ...upload, createdBy: 'ana' } });
    const { id } = await announce(admin, picture);
    const event = await eventOf(tenant, 'UploadCreated', id);
    expect(event).toMatchObject({ subject: { type: 'upload', id }, actor: { type: 'user', id: 'ana' } });
    expect(JSON.stringify(event)).not.toContain('Signature');
  });

  it.each([
    ['a page', { name: 'a.html', contentType: 'text/html', size: 1 }, 'upload.type'],
    ['a drawing that can run', { name: 'a.svg', contentType: 'image/svg+xml', size: 1 }, 'upload.type'],
    ['a program', { name: 'a.exe', contentType: 'application/x-msdownload', size: 1 }, 'upload.type'],
    ['too much', { name: 'a.png', contentType: 'image/png', size: MAX_FILE_BYTES + 1 }, 'upload.too-large'],
  ] as const)('is refused for %s, and nothing is written', async (_, file, code) => {
    const { id, admin } = await openTenant();
    const before = await keysOf(id);
    const problem = problemOf(await admin.post('/crm/uploads', file), 422, code);
    expect(problem.detail).toContain(code === 'upload.type' ? file.contentType : '25.0 MB');
    expect(await keysOf(id)).toEqual(before);
  });

  it.each([
    ['no name', { contentType: 'image/png', size: 1 }, '/name'],
    ['a path', { name: '../a.png', contentType: 'image/png', size: 1 }, '/name'],
    ['a name that reads backwards', { name: 'a\u202egnp.exe', contentType: 'image/png', size: 1 }, '/name'],
    ['no type', { name: 'a.png', contentType: 'picture', size: 1 }, '/contentType'],
    ['nothing in it', { name: 'a.png', contentType: 'image/png', size: 0 }, '/size'],
    ['an unknown field', { name: 'a.png', contentType: 'image/png', size: 1, key: 'x' }, '/key'],
  ])('is not understood with %s', async (_, file, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/uploads', file), 400, 'request.invalid'))).toEqual([pointer]);
  });

  it('honours an Idempotency-Key', async () => {
    const { admin } = await openTenant();
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: 'a.png', contentType: 'image/png', size: 1 };
    const answers = await Promise.all([1, 2].map(() => admin.post('/crm/uploads', body, headers)));
    expect(answers[0]?.body).toEqual(answers[1]?.body);
  });

  it('is for who has a token', async () => {
    const { id } = await announce((await openTenant()).admin, picture);
    const answer = await fetch(`${process.env.PUBLIC_BASE_URL ?? ''}/crm/uploads/${id}`, { redirect: 'manual' });
    expect(answer.status).toBe(401);
  });
});

describe('the bucket', () => {
  it('takes the file that was announced, under its own key, and no other', async () => {
    const { admin } = await openTenant();
    const ticket = await announce(admin, picture);
    const { key = '' } = ticket.fields;
    const asked = [
      postFile(ticket, png, { key: key.replace('uploads/incoming', 'files') }),
      postFile(ticket, png, { 'Content-Type': 'text/html' }),
      postFile(ticket, Buffer.alloc(MAX_FILE_BYTES + 1)),
      postFile(ticket, png),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([403, 403, 400, 204]);
  });

  it('shows nothing of it to who only knows the key', async () => {
    const { admin } = await openTenant();
    const ticket = await uploadFile(admin, picture);
    expect((await fetch(`${ticket.url}/${ticket.fields.key ?? ''}`)).status).toBe(403);
  });
});

describe('opening a file', () => {
  it.each([
    [
      'счёт № 5.pdf',
      'application/pdf',
      pdf,
      `attachment; filename="???? ? 5.pdf"; filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82%20%E2%84%96%205.pdf`,
    ],
    ['photo.png', 'image/png', png, 'inline; filename=photo.png'],
    ['a film', 'video/mp4', mp4, 'inline; filename="a film.mp4"'],
    ['a.html', 'image/jpeg', jpeg, 'inline; filename=a.html.jpg'],
    ['notes.txt', 'text/plain', Buffer.from('Salom'), 'attachment; filename=notes.txt'],
    ['all.zip', 'application/zip', zip, 'attachment; filename=all.zip'],
  ])('called %s leads to its bytes, as %s', async (name, contentType, bytes, disposition) => {
    const { admin } = await openTenant();
    const { id } = await uploadFile(admin, { name, contentType, bytes });
    expect(await openFile(admin, id)).toEqual({ status: 200, contentType, disposition, bytes });
  });

  it('takes a signed address that is good for five minutes, and for nothing else', async () => {
    const { admin } = await openTenant();
    const { id } = await uploadFile(admin, {
      ...picture,
      name: 'x.txt',
      contentType: 'text/plain',
      bytes: Buffer.from('x'),
    });
    const location = await locationOf(admin, id);
    expect(new URL(location).searchParams.get('X-Amz-Expires')).toBe('300');
    const asPage = new URL(location);
    asPage.searchParams.set('response-content-type', 'text/html');
    expect((await fetch(asPage)).status).toBe(403);
  });

  it('looks at the bytes once: what is uploaded afterwards changes nothing', async () => {
    const { id: tenant, admin } = await openTenant();
    const ticket = await uploadFile(admin, picture);
    const opened = await Promise.all([1, 2, 3].map(() => openFile(admin, ticket.id)));
    expect(opened.map(({ bytes }) => bytes)).toEqual([png, png, png]);
    expect((await postFile(ticket, exe)).status).toBe(204);
    expect((await openFile(admin, ticket.id)).bytes).toEqual(png);
    expect(await eventOf(tenant, 'UploadStored', ticket.id)).toMatchObject({
      data: { state: 'stored', size: png.length },
    });
  });

  it.each([
    ['a program', exe, 'image/png', 'application/x-msdownload'],
    ['another picture', jpeg, 'image/png', 'image/jpeg'],
    ['a page', Buffer.from('<html><script>alert(1)</script>'), 'text/plain', 'no harmless text'],
    ['another document', docx, 'application/zip', 'wordprocessingml'],
  ])('that is %s is refused, now and later, with what it is', async (_, bytes, contentType, found) => {
    const { id: tenant, admin } = await openTenant();
    const { id } = await uploadFile(admin, { name: 'a.png', contentType, bytes });
    const problem = problemOf(await admin.get(`/crm/uploads/${id}`), 422, 'upload.mismatch');
    expect(problem.detail).toContain(contentType);
    expect(problem.detail).toContain(found);
    const again = problemOf(await admin.get(`/crm/uploads/${id}`), 422, 'upload.mismatch');
    expect(again.detail).toBe(problem.detail);
    const event = await eventOf(tenant, 'UploadRefused', id);
    expect(event.data).toMatchObject({ state: 'refused', error: { code: 'upload.mismatch', detail: problem.detail } });
  });

  it('is too early while nothing is uploaded', async () => {
    const { admin } = await openTenant();
    const { id } = await announce(admin, picture);
    problemOf(await admin.get(`/crm/uploads/${id}`), 409, 'upload.awaited');
  });

  it('leads nowhere for an id that does not exist, of no form, or of another tenant', async () => {
    const [mine, theirs] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await uploadFile(theirs.admin, picture);
    const answers = await Promise.all([id, ABSENT, 'nonsense'].map((each) => mine.admin.get(`/crm/uploads/${each}`)));
    const problems = answers.map((answer) => problemOf(answer, 404, 'resource.not-found'));
    expect(new Set(problems.map(({ detail, title }) => `${title} ${detail}`)).size).toBe(1);
  });

  it('is for every role', async () => {
    const tenant = await openTenant();
    const agent = await tenant.as('agent');
    const { id } = await uploadFile(agent, picture);
    expect((await openFile(await tenant.as('manager'), id)).bytes).toEqual(png);
  });
});

describe('an upload that nobody uses', () => {
  const tomorrow = () => new Date(Date.now() + 25 * 3600 * 1000);

  it('is removed after a day, with its bytes', async () => {
    const tenant = await openTenant();
    const [opened, awaited] = [await uploadFile(tenant.admin, picture), await announce(tenant.admin, picture)];
    const location = await locationOf(tenant.admin, opened.id);
    const ids = [opened.id, awaited.id].map((id) => UploadIdSchema.parse(id));
    for (const id of ids) await clearUpload(newAct({ tenant: tenant.id }), id);
    expect((await openFile(tenant.admin, opened.id)).status).toBe(200);
    for (const id of [...ids, ...ids]) await clearUpload(newAct({ tenant: tenant.id, now: tomorrow }), id);
    for (const id of ids) {
      problemOf(await tenant.admin.get(`/crm/uploads/${id}`), 404, 'resource.not-found');
      expect(await findUpload(tenant.id, id)).toBeUndefined();
    }
    expect((await fetch(location)).status).toBe(404);
    expect((await eventsOf(tenant.id)).filter(({ type }) => type === 'UploadRefused')).toEqual([]);
  });
});
