import { listAttempts } from '../lib/contract/attempts.ts';
import { problemOf, read } from './support/answers.ts';
import { newPhone, unique } from './support/random.ts';
import { openTenant } from './support/tenant.ts';
import { openSms } from './faults/support.ts';

describe('the log of calls to a provider', () => {
  it('has each attempt of a message with its time, duration and answer, and nothing of what was said', async () => {
    const scene = await openSms();
    await scene.fault({ rateLimitRate: 1 });
    const text = unique('text');
    const message = await scene.say(text);
    const path = `/crm/chats/${message.chatId}/messages/${message.id}/attempts`;
    const attempts = async () => read(await scene.tenant.admin.get(path), 200, listAttempts.result).items;
    await scene.requests(text);
    const limited = await (async () => {
      for (;;) {
        const items = await attempts();
        if (items.length > 0) return items;
      }
    })();
    expect(limited[0]).toMatchObject({ attempt: 1, outcome: 'rate-limited', httpStatus: 429 });
    await scene.fault({});
    await scene.becomes(message, 'delivered');
    const all = await attempts();
    expect(all.length).toBeGreaterThan(1);
    expect(all.map(({ attempt }) => attempt)).toEqual(all.map((_, index) => index + 1));
    expect(all.at(-1)).toMatchObject({ outcome: 'accepted', httpStatus: 201, code: null });
    for (const { startedAt, durationMs } of all) {
      expect(startedAt >= message.createdAt).toBe(true);
      expect(durationMs).toBeLessThan(10_000);
    }
    expect(JSON.stringify(all)).not.toContain(text);
    expect(JSON.stringify(all)).not.toContain(scene.to.slice(1));
  });

  it("keeps the provider's own code of a refusal, and is of one's own tenant alone", async () => {
    const scene = await openSms();
    await scene.fault({ rejectRate: 1 });
    const message = await scene.becomes(await scene.say('refused'), 'failed');
    const path = `/crm/chats/${message.chatId}/messages/${message.id}/attempts`;
    const { items } = read(await scene.tenant.admin.get(path), 200, listAttempts.result);
    expect(items).toMatchObject([{ attempt: 1, outcome: 'refused', httpStatus: 400, code: message.error?.code }]);
    problemOf(await (await openTenant()).admin.get(path), 404, 'resource.not-found');
  });

  it('is empty for what a client wrote', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    const { id, messages } = await tenant.onlyChat();
    const path = `/crm/chats/${id}/messages/${messages[0]?.id ?? ''}/attempts`;
    expect(read(await tenant.admin.get(path), 200, listAttempts.result).items).toEqual([]);
  });
});
