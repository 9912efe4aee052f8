import { answerJson, startStub } from '../stub-server.ts';
import type { SentSearch } from '../provider.ts';
import { twilioProvider } from './twilio.ts';

const credentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'secret-token' };
const search: SentSearch = {
  transport: 'whatsapp',
  from: '+15017122661',
  to: '+15558675310',
  text: 'Hello',
  files: 0,
  since: '2026-02-03T10:00:00.400Z',
};

const listed = (sid: string, date: string, body = 'Hello') => ({
  sid,
  body,
  date_created: `${date} +0000`,
  date_sent: null,
});

const find = (apiBase: string, changes: Partial<SentSearch> = {}) =>
  twilioProvider({ apiBase, timeoutMs: 1_000 }).findSent?.(credentials, { ...search, ...changes });

describe('looking for a message at Twilio', () => {
  it('lists what has this text since the attempt, oldest first, over all pages', async () => {
    const second = `/2010-04-01/Accounts/${credentials.accountSid}/Messages.json?Page=1&PageToken=P`;
    await using stub = await startStub(({ url }, response) =>
      answerJson(
        response,
        200,
        url.includes('PageToken')
          ? {
              messages: [listed('SM1', 'Tue, 03 Feb 2026 10:00:00'), listed('SM0', 'Tue, 03 Feb 2026 09:00:00')],
              next_page_uri: null,
            }
          : {
              messages: [
                listed('SM4', 'Tue, 03 Feb 2026 10:01:00', 'Sent from your Twilio trial account - Hello'),
                listed('SM3', 'Tue, 03 Feb 2026 10:00:30', 'Hello there'),
                listed('SM2', 'Tue, 03 Feb 2026 10:00:10'),
              ],
              next_page_uri: second,
            },
      ),
    );
    expect(await find(stub.url)).toEqual({ kind: 'listed', providerMessageIds: ['SM1', 'SM2', 'SM4'] });
    const asked = new URL(stub.requests[0]?.url ?? '', stub.url).searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      To: 'whatsapp:+15558675310',
      From: 'whatsapp:+15017122661',
      PageSize: '50',
    });
  });

  it('stops at the first page that is older', async () => {
    await using stub = await startStub((_, response) =>
      answerJson(response, 200, { messages: [listed('SM0', 'Mon, 02 Feb 2026 10:00:00')], next_page_uri: '/more' }),
    );
    expect(await find(stub.url)).toEqual({ kind: 'listed', providerMessageIds: [] });
    expect(stub.requests).toHaveLength(1);
  });

  it('does not take a message with files for one without, but may not know yet of the files of another', async () => {
    const messages = [
      { ...listed('MM2', 'Tue, 03 Feb 2026 10:00:20'), num_media: '1' },
      { ...listed('SM1', 'Tue, 03 Feb 2026 10:00:10'), num_media: '0' },
    ];
    await using stub = await startStub((_, response) => answerJson(response, 200, { messages }));
    expect(await find(stub.url)).toEqual({ kind: 'listed', providerMessageIds: ['SM1'] });
    expect(await find(stub.url, { files: 1 })).toEqual({ kind: 'listed', providerMessageIds: ['SM1', 'MM2'] });
  });

  it.each([401, 429, 500])('does not take a %s for an absence', async (status) => {
    await using stub = await startStub((_, response) => answerJson(response, status, { code: 1, message: 'no' }));
    expect(await find(stub.url)).toMatchObject({ kind: 'unavailable' });
  });

  it('does not take an unreadable list for an absence', async () => {
    await using stub = await startStub((_, response) => answerJson(response, 200, { results: [] }));
    expect(await find(stub.url)).toMatchObject({ kind: 'unavailable' });
  });
});
