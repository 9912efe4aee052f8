import { answerJson, deadAddress, startStub, type StubRequest } from '../stub-server.ts';
import { telegramProvider } from './telegram.ts';

const credentials = { botToken: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11', webhookSecret: 'secret' };

const fetchFrom = (apiBase: string, reference = 'the-file', maxBytes = 100) =>
  telegramProvider({ apiBase, timeoutMs: 500 }).fetchMedia(credentials, reference, maxBytes);

/** https://core.telegram.org/bots/api#file */
const withFile = (file: object, content = 'the bytes') =>
  startStub(({ url }: StubRequest, response) => {
    if (url.startsWith('/file/')) response.end(content);
    else answerJson(response, 200, { ok: true, result: { file_id: 'the-file', file_unique_id: 'u', ...file } });
  });

const refusing = (code: number, description: string) =>
  startStub((_, response) => answerJson(response, code, { ok: false, error_code: code, description }));

describe('fetching a file from Telegram', () => {
  it('asks where it is, and fetches it there', async () => {
    await using stub = await withFile({ file_path: 'photos/file_1.jpg' });
    expect(await fetchFrom(stub.url)).toEqual({ kind: 'fetched', bytes: Buffer.from('the bytes') });
    expect(stub.requests.map(({ url }) => url)).toEqual([
      `/bot${credentials.botToken}/getFile`,
      `/file/bot${credentials.botToken}/photos/file_1.jpg`,
    ]);
    expect(JSON.parse(stub.requests[0]?.body ?? '')).toEqual({ file_id: 'the-file' });
  });

  it.each(['../secrets', 'photos/../../x', '/etc/passwd', 'photos/a b', 'https://elsewhere.example/x', 'a?b#c'])(
    'goes to no path like %j',
    async (file_path) => {
      await using stub = await withFile({ file_path });
      expect(await fetchFrom(stub.url)).toMatchObject({ kind: 'unavailable' });
      expect(stub.requests).toHaveLength(1);
    },
  );

  it('reads no more than it may', async () => {
    await using stub = await withFile({ file_path: 'videos/v.mp4' }, 'x'.repeat(101));
    expect(await fetchFrom(stub.url)).toMatchObject({ kind: 'refused', code: 'attachment.too-large' });
  });

  it.each([
    [400, 'Bad Request: file is too big', { kind: 'refused', code: 'attachment.too-large' }],
    [400, 'Bad Request: invalid file_id', { kind: 'refused', code: 'attachment.gone' }],
    [401, 'Unauthorized', { kind: 'unavailable' }],
    [429, 'Too Many Requests: retry after 3', { kind: 'unavailable' }],
    [502, 'Bad Gateway', { kind: 'unavailable' }],
  ])('comes to this with a %s, %s', async (code, description, result) => {
    await using stub = await refusing(code, description);
    expect(await fetchFrom(stub.url)).toMatchObject(result);
  });

  it('never tells the token', async () => {
    const dead = await fetchFrom(await deadAddress());
    expect(dead).toMatchObject({ kind: 'unavailable' });
    expect(JSON.stringify(dead)).not.toContain(credentials.botToken);
    expect(await fetchFrom('http://127.0.0.1:1', '')).toMatchObject({ kind: 'refused', code: 'attachment.unknown' });
  });
});
