import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { findFreeBasePort } from './ports.ts';
import { clientFor } from './project.ts';
import { startQueueServer, type QueueServer } from './queues.ts';

const Bucket = 'files';
let server: QueueServer;
let s3: S3Client;

beforeAll(async () => {
  server = await startQueueServer(await findFreeBasePort());
  s3 = new S3Client({ ...clientFor(server.url), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await server.stop();
});

const put = (Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/plain' }));

const ticket = (Key: string, Expires = 60) =>
  createPresignedPost(s3, {
    Bucket,
    Key,
    Fields: { 'Content-Type': 'text/plain' },
    Conditions: [
      ['eq', '$Content-Type', 'text/plain'],
      ['content-length-range', 1, 20 * 1024 * 1024],
    ],
    Expires,
  });

const upload = async (
  { url, fields }: Awaited<ReturnType<typeof ticket>>,
  content: string,
  changes: Readonly<Record<string, string>> = {},
) => {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([content]), 'a.txt');
  return fetch(url, { method: 'POST', body: form });
};

describe('the bucket of one machine', () => {
  it('takes what a form may upload, also more than 11 MB', async () => {
    const content = 'x'.repeat(15 * 1024 * 1024);
    expect((await upload(await ticket('form'), content)).status).toBe(204);
    const { ContentLength, ContentType } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'form' }));
    expect({ ContentLength, ContentType }).toEqual({ ContentLength: content.length, ContentType: 'text/plain' });
  });

  it.each([
    ['another key', { key: 'other' }, 403],
    ['another type', { 'Content-Type': 'text/html' }, 403],
    ['another policy', { Policy: Buffer.from('{"expiration":"2100-01-01","conditions":[]}').toString('base64') }, 403],
    ['another signature', { 'X-Amz-Signature': 'f'.repeat(64) }, 403],
    ['a field nobody named', { acl: 'public-read' }, 403],
  ])('refuses a form with %s', async (_, changes, status) => {
    expect((await upload(await ticket('refused'), 'x', changes)).status).toBe(status);
  });

  it('refuses a form with too much, with nothing, and one that is late', async () => {
    const allowed = await ticket('sizes');
    expect(await (await upload(allowed, 'x'.repeat(20 * 1024 * 1024 + 1))).text()).toContain('EntityTooLarge');
    expect(await (await upload(allowed, '')).text()).toContain('EntityTooSmall');
    expect((await upload(await ticket('late', -1), 'x')).status).toBe(403);
  });

  it('gives a file to who holds a signed address, with the headers it asks for, and to nobody else', async () => {
    await put('given', 'hello');
    const disposition = `attachment; filename="a (1).txt"; filename*=UTF-8''%D1%8F.txt`;
    const command = new GetObjectCommand({
      Bucket,
      Key: 'given',
      ResponseContentType: 'text/csv',
      ResponseContentDisposition: disposition,
    });
    const url = await getSignedUrl(s3, command, { expiresIn: 60 });
    const answer = await fetch(url);
    expect(await answer.text()).toBe('hello');
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect(answer.headers.get('content-disposition')).toBe(disposition);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect((await fetch(url.replace('attachment', 'inline'))).status).toBe(403);
    expect((await fetch(url.split('?')[0] ?? '')).status).toBe(403);
    expect((await fetch(await getSignedUrl(s3, command, { expiresIn: -1 }))).status).toBe(403);
  });

  it('copies a file only while it is the one that was looked at', async () => {
    const { ETag } = await put('source', 'one');
    const copy = () =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source`, CopySourceIfMatch: ETag }));
    expect((await copy()).$metadata.httpStatusCode).toBe(200);
    await put('source', 'another');
    await expect(copy()).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  });

  it('lets browsers ask before they upload', async () => {
    const answer = await fetch(`${server.url}/${Bucket}`, { method: 'OPTIONS', headers: { origin: 'http://console' } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });
});
