import { jest } from '@jest/globals';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { addTwilioChannel, httpEvent, lambdaContext, newAct } from '../../test/support/builders.ts';
import { token } from '../../test/support/client.ts';
import { newPhone } from '../../test/support/random.ts';
import { createClient, getClient } from '../contract/clients.ts';
import type { HttpEvent } from './edge.ts';

type Handler = (event: HttpEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const act = newAct();
const phone = newPhone();
const person = { firstName: 'Zulfiya', lastName: 'Qodirova', phone, address: 'Navoi 7, Samarqand', pin: 'PIN-4711' };
const text = 'My card number is 4111 1111 1111 1111';

/** All that goes to standard output and error while the work is done. */
const outputOf = async (work: () => Promise<void>): Promise<string> => {
  const written: string[] = [];
  const capture = (chunk: string | Uint8Array): boolean => {
    written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(capture),
  );
  try {
    await work();
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return written.join('');
};

/** With every level on: what is not logged now is never logged. */
const load = async () => {
  process.env.LOG_LEVEL = 'DEBUG';
  process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
  const [{ serve, ok }, { describeError }, create, send, webhook] = await Promise.all([
    import('./serve.ts'),
    import('./logger.ts'),
    import('../../functions/clients/create-client.ts'),
    import('../../functions/chats/send-message.ts'),
    import('../../functions/webhooks/receive-twilio.ts'),
  ]);
  return { serve, ok, describeError, create: create.handler, send: send.handler, webhook: webhook.handler };
};
let code: Awaited<ReturnType<typeof load>>;
let accessToken: string;
let calls = 0;

beforeAll(async () => {
  code = await load();
  accessToken = await token({ tenant: act.tenant });
});

const call = async (handler: Handler, status: number, request: Parameters<typeof httpEvent>[0]): Promise<string> => {
  calls += 1;
  const headers = { 'x-request-id': `request-${calls}`, ...request.headers };
  const answer = await handler(httpEvent({ method: 'POST', token: accessToken, ...request, headers }), lambdaContext());
  expect([answer.statusCode, answer.statusCode === status ? '' : answer.body]).toEqual([status, '']);
  return answer.body ?? '';
};

const expectNothingPersonal = (output: string): void => {
  expect(output).not.toMatch(/Zulfiya|Qodirova|Navoi|PIN-4711|4111/i);
  expect(output).not.toContain(phone.slice(-7));
  expect(output).not.toContain(accessToken);
};

describe('the log', () => {
  it('of requests that succeed and that are refused carries ids, and nothing of a person', async () => {
    const output = await outputOf(async () => {
      await call(code.create, 201, { body: person });
      await call(code.create, 409, { body: person });
      await call(code.create, 400, { body: { ...person, phone: `Zulfiya ${phone}`, Qodirova: 1 } });
      await call(code.create, 400, { body: `{"firstName":"Zulfiya"` });
    });
    expectNothingPersonal(output);
    expect(output).toContain(act.tenant);
    expect(output).toContain('request-1');
  });

  it('of an error of ours says what and where, without its words', async () => {
    const throwing = code.serve(createClient, () => Promise.reject(new TypeError(`Zulfiya ${phone}`)));
    const unreadable = code.serve(getClient, () =>
      Promise.resolve(JSON.parse(JSON.stringify(code.ok(person)), (_, value: unknown) => value)),
    );
    const output = await outputOf(async () => {
      const answer = await call(throwing, 500, { body: person });
      expectNothingPersonal(answer);
      await call(unreadable, 500, { method: 'GET', params: { clientId: act.newId() } });
    });
    expectNothingPersonal(output);
    expect(output).toMatch(/TypeError.*logger\.test\.ts/);
    expect(output).toMatch(/ZodError.*createdAt/);
  });

  it('of a conversation carries neither words nor addresses nor secrets', async () => {
    const { channel, credentials } = await addTwilioChannel(act);
    const path = `/crm/webhooks/twilio/${channel.id}`;
    const form = {
      MessageSid: `SM${act.newId()}`,
      From: newPhone(),
      To: channel.address,
      Body: text,
      ProfileName: 'Zulfiya Qodirova',
    };
    const signature = getExpectedTwilioSignature(
      credentials.authToken,
      `${process.env.PUBLIC_BASE_URL ?? ''}${path}`,
      form,
    );
    const webhook = (signed: string) => ({
      path,
      params: { channelId: channel.id },
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signed },
      body: new URLSearchParams(form).toString(),
    });
    const output = await outputOf(async () => {
      const client = await call(code.create, 201, { body: { ...person, phone: newPhone(), pin: null } });
      const [, chatId = ''] = /"id":"([^"]+)"/.exec(client) ?? [];
      await call(code.webhook, 200, webhook(signature));
      await call(code.webhook, 401, webhook('forged'));
      await call(code.send, 202, { params: { chatId }, body: { text, transport: 'sms' } });
    });
    expectNothingPersonal(output);
    for (const secret of [form.From, credentials.authToken, signature]) expect(output).not.toContain(secret);
    expect(output).toContain(channel.id);
  });
});

describe('what is logged of an error', () => {
  it('is its name, its place, and its message only where AWS wrote it', () => {
    const own = code.describeError(new RangeError('Zulfiya'));
    expect(own).toMatchObject({ error: 'RangeError' });
    expect(own).not.toHaveProperty('reason');
    const aws = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $metadata: {} });
    expect(code.describeError(aws)).toMatchObject({ error: 'ThrottlingException', reason: 'Rate exceeded' });
    expect(code.describeError('Zulfiya')).toEqual({ error: 'string' });
  });
});
