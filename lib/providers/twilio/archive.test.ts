import { answerJson, startStub } from '../stub-server.ts';
import type { ArchiveSearch } from '../provider.ts';
import { twilioProvider } from './twilio.ts';

const credentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'secret-token' };
const search: ArchiveSearch = {
  transport: 'sms',
  address: '+15017122661',
  from: '2026-02-03T10:00:00.000Z',
  until: '2026-02-03T12:00:00.000Z',
};
const second = `/2010-04-01/Accounts/${credentials.accountSid}/Messages.json?Page=1&PageToken=P`;

const listed = (sid: string, time: string, changes: object = {}) => ({
  sid,
  direction: 'inbound',
  from: '+15558675310',
  to: '+15017122661',
  body: 'Hello',
  status: 'received',
  error_code: null,
  error_message: null,
  num_media: '0',
  date_created: `Tue, 03 Feb 2026 ${time} +0000`,
  date_sent: `Tue, 03 Feb 2026 ${time} +0000`,
  ...changes,
});
const sent = { direction: 'outbound-api', from: '+15017122661', to: '+15558675310' };

const archiveAt = (apiBase: string) => {
  const { archive } = twilioProvider({ apiBase, timeoutMs: 1_000 });
  if (archive === undefined) throw new Error('Twilio keeps messages.');
  return archive;
};

describe("Twilio's list of what came", () => {
  it('is read to the end, oldest first, those of one second in their order, and of this number and time alone', async () => {
    const pages = [
      [
        listed('SM6', '12:00:00'),
        listed('SM5', '10:30:00'),
        listed('SM4', '10:30:00', { body: null, num_media: '1' }),
        listed('SM3', '10:20:00', { to: 'whatsapp:+15017122661', from: 'whatsapp:+15558675310' }),
        listed('SM2', '10:10:00', sent),
      ],
      [listed('SM1', '10:00:00'), listed('SM0', '09:59:59')],
    ];
    await using stub = await startStub(({ url }, response) => {
      const isSecond = url.includes('PageToken');
      answerJson(response, 200, {
        messages: pages[isSecond ? 1 : 0],
        next_page_uri: isSecond ? null : second,
      });
    });
    const result = await archiveAt(stub.url).listReceived(credentials, search);
    const records = result.kind === 'listed' ? result.records : [];
    expect(records.map(({ providerMessageId }) => providerMessageId)).toEqual(['SM1', 'SM4', 'SM5']);
    expect(records[1]).toMatchObject({ at: '2026-02-03T10:30:00.000Z', files: 1, form: { Body: '' } });
    const asked = new URL(stub.requests[0]?.url ?? '', stub.url).searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      To: '+15017122661',
      'DateSent>': '2026-02-03',
      'DateSent<': '2026-02-04',
      PageSize: '1000',
    });
  });

  it('is left at the first page that is older', async () => {
    await using stub = await startStub((_, response) =>
      answerJson(response, 200, { messages: [listed('SM0', '09:00:00')], next_page_uri: second }),
    );
    expect(await archiveAt(stub.url).listReceived(credentials, search)).toEqual({ kind: 'listed', records: [] });
    expect(stub.requests).toHaveLength(1);
  });
});

it("Twilio's list of what we sent tells what became of it, a page at a time", async () => {
  const messages = [
    listed('SM3', '11:00:00', { ...sent, status: 'undelivered', error_code: 30003 }),
    listed('SM2', '10:50:00', { ...sent, status: 'delivered' }),
    listed('SM1', '10:40:00', { ...sent, status: 'queued', date_sent: null }),
    listed('SM0', '10:30:00'),
  ];
  await using stub = await startStub((_, response) =>
    answerJson(response, 200, { messages, next_page_uri: stub.requests.length === 1 ? second : null }),
  );
  const archive = archiveAt(stub.url);
  const first = await archive.listReports(credentials, search, null);
  expect(first).toMatchObject({
    kind: 'listed',
    next: second,
    reports: [
      { providerMessageId: 'SM3', status: 'failed', error: { code: '30003' } },
      { providerMessageId: 'SM2', status: 'delivered' },
    ],
  });
  expect(await archive.listReports(credentials, search, second)).toMatchObject({ kind: 'listed', next: null });
  expect(stub.requests[1]?.url).toBe(second);
});

describe('what Twilio does not tell', () => {
  it.each([401, 404, 429, 500, 503])('is not taken for nothing: %i', async (status) => {
    await using stub = await startStub((_, response) => answerJson(response, status, { code: 1, message: 'no' }));
    const archive = archiveAt(stub.url);
    expect(await archive.listReceived(credentials, search)).toMatchObject({ kind: 'unavailable' });
    expect(await archive.listReports(credentials, search, null)).toMatchObject({ kind: 'unavailable' });
    const record = { providerMessageId: 'SM1', at: search.from, files: 1, form: {} };
    expect(await archive.completeReceived(credentials, record)).toMatchObject({ kind: 'unavailable' });
  });

  it('nor is a list that cannot be read, or a second page that does not come', async () => {
    await using stub = await startStub(({ url }, response) => {
      if (url.includes('PageToken')) answerJson(response, 500, {});
      else if (url.includes('From=')) answerJson(response, 200, { results: [] });
      else answerJson(response, 200, { messages: [listed('SM5', '11:00:00')], next_page_uri: second });
    });
    const archive = archiveAt(stub.url);
    expect(await archive.listReceived(credentials, search)).toMatchObject({ kind: 'unavailable' });
    expect(await archive.listReports(credentials, search, null)).toMatchObject({ kind: 'unavailable' });
  });
});
