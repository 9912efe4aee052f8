import { newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import { whatsappRoute } from './chat.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { isOutsideWindow, windowOf } from './whatsapp-window.ts';

const act = newAct();
const [channelId, other] = [newChannelId(), newChannelId()];
const address = '+998901234567';
const at = '2026-03-01T12:00:00.000Z';
const [before, end] = ['2026-03-02T11:59:59.999Z', '2026-03-02T12:00:00.000Z'];
const way = { channelId, address, at };
const chat = { routesBack: { whatsapp: way, [whatsappRoute(channelId)]: way } };

const message = outboundMessage(act, ClientIdSchema.parse(act.newId()), { transport: 'whatsapp', channelId });
const toThem = { ...message, delivery: message.delivery && { ...message.delivery, to: address } };

describe('the window of WhatsApp', () => {
  it('is open until 24 hours after the client last wrote', () => {
    expect(windowOf(chat, new Date(before))).toEqual({ windowOpen: true, windowEndsAt: end });
    expect(windowOf(chat, new Date(end))).toEqual({ windowOpen: false, windowEndsAt: end });
    expect(windowOf({ routesBack: {} }, new Date(end))).toBeNull();
    expect(isOutsideWindow(chat, toThem, before)).toBe(false);
    expect(isOutsideWindow(chat, toThem, end)).toBe(true);
  });

  it('is that of one number and one address', () => {
    expect(isOutsideWindow(chat, { ...toThem, channelId: other }, before)).toBe(true);
    expect(isOutsideWindow(chat, message, before)).toBe(true);
    expect(isOutsideWindow({ routesBack: {} }, toThem, before)).toBe(true);
  });

  it('is no matter to templates, nor to other transports', () => {
    const content = { contentSid: `HX${'0'.repeat(32)}`, variables: {} };
    expect(isOutsideWindow(chat, { ...toThem, content }, end)).toBe(false);
    expect(isOutsideWindow(chat, { ...toThem, transport: 'sms' }, end)).toBe(false);
  });
});
