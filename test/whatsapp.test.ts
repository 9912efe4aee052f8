import * as z from 'zod';
import { MessageSchema } from '../lib/contract/messages.ts';
import { TemplateSchema } from '../lib/contract/templates.ts';
import { secondsAfter } from '../lib/domain/act.ts';
import { claimMessage } from '../lib/messaging/attempt.ts';
import { receive } from '../lib/messaging/receive.ts';
import { release } from '../lib/messaging/release.ts';
import { resend } from '../lib/messaging/resend.ts';
import { insertMessage } from '../lib/table/messages.ts';
import { commit } from '../lib/table/transaction.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newAct, newArrival, outboundMessage } from './support/builders.ts';
import { simulator } from './support/client.ts';
import { newPhone } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

const HOUR = 3600;
const ago = (seconds: number): string => secondsAfter(new Date(), -seconds);
const content = { contentSid: 'HXb5b62575e6e4ff6129ad7c8efe1f983e', variables: { '1': 'Olim', '2': '№ 7' } };

const OutboxSchema = z.object({
  items: z.array(
    z.object({ text: z.string(), contentSid: z.string().optional(), contentVariables: z.string().optional() }),
  ),
});

/** A client who wrote on WhatsApp so many seconds ago. */
const wroteBefore = async (seconds: number) => {
  const tenant = await openTenant();
  const [channel, phone] = [await tenant.connectTwilio('whatsapp'), newPhone()];
  const { id } = await tenant.addClient({ phone });
  const at = new Date(ago(seconds));
  const arrival = newArrival({ transport: 'whatsapp', from: { address: phone, firstName: 'Olim' } }, channel.id);
  await receive(newAct({ tenant: tenant.id, now: () => at }), arrival);
  const outbox = async () => read(await simulator().outbox({ to: phone }), 200, OutboxSchema).items;
  const endsAt = secondsAfter(at, 24 * HOUR);
  return { tenant, channel, phone, id, path: `/crm/chats/${id}/messages`, outbox, endsAt };
};

describe('the 24 hours of WhatsApp', () => {
  it('are shown on the chat, and let anything through', async () => {
    const { tenant, id, endsAt } = await wroteBefore(23 * HOUR);
    const whatsapp = { windowOpen: true, windowEndsAt: endsAt };
    expect(await tenant.chat(id)).toMatchObject({ whatsapp });
    expect(await tenant.chats()).toMatchObject([{ whatsapp }]);
    await tenant.becomes(await tenant.send(id, { text: 'Salom' }), 'delivered');
  });

  it('once they are over, refuse one’s own words and let templates through', async () => {
    const { tenant, channel, phone, id, path, outbox, endsAt } = await wroteBefore(24 * HOUR);
    expect(await tenant.chat(id)).toMatchObject({ whatsapp: { windowOpen: false, windowEndsAt: endsAt } });
    problemOf(await tenant.admin.post(path, { text: 'Salom' }), 409, 'whatsapp.window-closed');
    const stored = await tenant.admin.post('/crm/instant-messages', { template: 'Assalomu alaykum!' });
    const { id: templateId } = read(stored, 201, TemplateSchema);
    problemOf(await tenant.admin.post(path, { templateId }), 409, 'whatsapp.window-closed');
    const sent = await tenant.becomes(await tenant.send(id, { content }), 'delivered');
    expect(sent).toMatchObject({ text: '', content, transport: 'whatsapp' });
    const asked = { text: '', contentSid: content.contentSid, contentVariables: JSON.stringify(content.variables) };
    expect(await outbox()).toMatchObject([asked]);
    await tenant.receive(channel, { from: phone, text: 'Salom' });
    await tenant.becomes(await tenant.send(id, { text: 'Again' }), 'delivered');
  });

  it('count for each of our numbers, and begin with what the client writes', async () => {
    const { tenant, id, path } = await wroteBefore(HOUR);
    const other = await tenant.connectTwilio('whatsapp');
    const body = { text: 'Salom', channelId: other.id };
    problemOf(await tenant.admin.post(path, body), 409, 'whatsapp.window-closed');
    const stranger = await tenant.addClient({ phone: newPhone() });
    expect((await tenant.chat(stranger.id)).whatsapp).toBeNull();
    const theirs = `/crm/chats/${stranger.id}/messages`;
    problemOf(await tenant.admin.post(theirs, body), 409, 'whatsapp.window-closed');
    await tenant.becomes(await tenant.send(id, { text: 'Salom' }), 'delivered');
  });

  it('have to last until a scheduled message is sent, and are looked at again then', async () => {
    const { tenant, id, path } = await wroteBefore(23 * HOUR);
    const [soon, tomorrow] = [ago(-HOUR / 2), ago(-2 * HOUR)];
    problemOf(await tenant.admin.post(path, { text: 'Salom', sendAt: tomorrow }), 409, 'whatsapp.window-closed');
    const scheduled = await tenant.send(id, { text: 'Salom', sendAt: soon });
    const template = await tenant.send(id, { content, sendAt: tomorrow });
    const afterwards = newAct({ tenant: tenant.id, now: () => new Date(ago(-2 * HOUR)) });
    await release(afterwards, scheduled.chatId, scheduled.id);
    await release(afterwards, template.chatId, template.id);
    const error = { code: 'whatsapp.window-closed' };
    const failed = await tenant.message(scheduled);
    expect(failed).toMatchObject({ status: 'failed', error });
    const again = resend(afterwards, failed.chatId, failed.id, failed.sender, () => []);
    await expect(again).rejects.toMatchObject(error);
    await tenant.becomes(template, 'delivered');
  });

  it('are looked at once more before the call, for what had to wait', async () => {
    const { tenant, channel, phone, id } = await wroteBefore(HOUR);
    const act = newAct({ tenant: tenant.id });
    const queued = outboundMessage(act, id, { transport: 'whatsapp', channelId: channel.id });
    if (queued.delivery === null) throw new Error('It is to be sent.');
    const message = { ...queued, delivery: { ...queued.delivery, to: phone } };
    await commit(tenant.id, [insertMessage(tenant.id, message)]);
    const dispatch = { chatId: id, messageId: message.id };
    const tomorrow = { ...act, now: () => new Date(ago(-24 * HOUR)) };
    expect(await claimMessage(tomorrow, dispatch)).toBe('refused');
    expect((await tenant.message(message)).error?.code).toBe('whatsapp.window-closed');
  });

  it('are over by the word of Twilio, too', async () => {
    const { tenant, phone, id } = await wroteBefore(HOUR);
    await simulator().setFaults({ provider: 'twilio', to: phone, enforceWindow: true });
    // The simulator has not seen the client write.
    const failed = await tenant.becomes(await tenant.send(id, { text: 'Salom' }), 'failed');
    expect(failed.error?.code).toBe('whatsapp.window-closed');
    await tenant.becomes(await tenant.send(id, { content }), 'delivered');
  });
});

describe('a content template', () => {
  it('goes by SMS, not by Telegram, and never together with anything else', async () => {
    const tenant = await openTenant();
    const [, bot] = [await tenant.connectTwilio('sms'), await tenant.connectTelegram()];
    const { id } = await tenant.addClient({ phone: newPhone() });
    await tenant.becomes(await tenant.send(id, { content, transport: 'sms' }), 'delivered');
    await tenant.receive(bot, { from: 71717171, text: 'Hello' });
    const chat = (await tenant.chats()).find((each) => each.id !== id);
    const refused = await tenant.admin.post(`/crm/chats/${chat?.id ?? ''}/messages`, { content });
    problemOf(refused, 422, 'message.content');
    const path = `/crm/chats/${id}/messages`;
    const pointer = async (body: object) =>
      pointersOf(problemOf(await tenant.admin.post(path, { transport: 'sms', ...body }), 400, 'request.invalid'));
    expect(await pointer({ content, text: 'x' })).toEqual(['/content']);
    expect(await pointer({ content, templateId: newAct().newId() })).toEqual(['/content']);
    expect(await pointer({ content: { contentSid: 'HX1' } })).toEqual(['/content/contentSid']);
    expect(await pointer({ content: { ...content, variables: { '1': 7 } } })).toEqual(['/content/variables/1']);
    expect(await pointer({ content: { ...content, text: 'x' } })).toEqual(['/content/text']);
    read(
      await tenant.admin.post(path, { transport: 'sms', content: { contentSid: content.contentSid } }),
      202,
      MessageSchema,
    );
  });
});
