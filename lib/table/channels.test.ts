import { addTwilioChannel, buildChannel, newAct, newChannelId } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import { channelEvent } from '../domain/occurrence.ts';
import {
  changeChannel,
  findRoute,
  getChannel,
  insertChannel,
  knownChannel,
  knownChannels,
  listChannels,
  removeChannel,
  type ChannelEntrance,
} from './channels.ts';
import { Raced } from './transaction.ts';

const twilio = (channel: { transport: 'sms' | 'whatsapp'; address: string }, accountSid: string): ChannelEntrance => ({
  provider: 'twilio',
  accountSid,
  transport: channel.transport,
  address: channel.address,
});

describe('a webhook', () => {
  it('finds its channel by the channel’s id, and by account and number', async () => {
    const act = newAct();
    const { channel, credentials } = await addTwilioChannel(act);
    const route = { tenantId: act.tenant, channelId: channel.id };
    expect(await findRoute({ by: 'channel', channelId: channel.id })).toEqual(route);
    const { accountSid } = credentials;
    expect(await findRoute({ by: 'twilio', accountSid, to: channel.address })).toEqual(route);
    expect(await findRoute({ by: 'twilio', accountSid, to: `whatsapp:${channel.address}` })).toBeUndefined();
  });

  it('finds the WhatsApp channel of a number that has an SMS channel too', async () => {
    const act = newAct();
    const { channel: sms, credentials } = await addTwilioChannel(act);
    const whatsapp = await buildChannel(act, { transport: 'whatsapp', address: sms.address });
    await insertChannel(
      act.tenant,
      whatsapp,
      twilio({ transport: 'whatsapp', address: sms.address }, credentials.accountSid),
      [],
    );
    const to = `whatsapp:${sms.address}`;
    const found = await findRoute({ by: 'twilio', accountSid: credentials.accountSid, to });
    expect(found?.channelId).toBe(whatsapp.id);
  });

  it('finds a Telegram channel by its secret alone', async () => {
    const act = newAct();
    const channel = await buildChannel(act, { provider: 'telegram', transport: 'telegram' });
    const botId = String(Date.now());
    await insertChannel(act.tenant, channel, { provider: 'telegram', botId, secret: 'S3cret' }, []);
    expect((await findRoute({ by: 'telegram', secret: 'S3cret' }))?.channelId).toBe(channel.id);
    expect(await findRoute({ by: 'telegram', secret: 's3cret' })).toBeUndefined();
    expect(await findRoute({ by: 'telegram', secret: '' })).toBeUndefined();
  });

  it('of a stranger finds nothing, whatever it claims', async () => {
    expect(await findRoute({ by: 'channel', channelId: newChannelId() })).toBeUndefined();
    expect(await findRoute({ by: 'twilio', accountSid: '', to: '' })).toBeUndefined();
    expect(await findRoute({ by: 'twilio', accountSid: 'AC#1', to: 'x'.repeat(5_000) })).toBeUndefined();
  });
});

describe('a channel', () => {
  it('cannot be connected twice, not even by another tenant, and then leaves nothing', async () => {
    const { channel, credentials } = await addTwilioChannel(newAct());
    const other = newAct();
    const second = await buildChannel(other, { address: channel.address });
    const entrance = twilio({ transport: 'sms', address: channel.address }, credentials.accountSid);
    await expect(insertChannel(other.tenant, second, entrance, [])).rejects.toMatchObject({
      code: 'channel.duplicate',
    });
    expect((await listChannels(other.tenant, { limit: 10 })).items).toEqual([]);
    expect(await findRoute({ by: 'channel', channelId: second.id })).toBeUndefined();
  });

  it('is known at once where it was connected, changed or removed', async () => {
    const act = newAct();
    expect(await knownChannels(act.tenant)).toEqual([]);
    const { channel, credentials } = await addTwilioChannel(act);
    expect(await knownChannel(act.tenant, channel.id)).toEqual(channel);
    const disabled = { ...channel, status: 'disabled' as const, revision: 2 };
    await changeChannel(act.tenant, channel, disabled, channelEvent(act, 'ChannelUpdated', disabled, channel));
    expect(await knownChannel(act.tenant, channel.id)).toEqual(disabled);
    await expect(changeChannel(act.tenant, channel, channel, undefined)).rejects.toThrow(Raced);
    const entrance = twilio({ transport: 'sms', address: channel.address }, credentials.accountSid);
    await removeChannel(act.tenant, disabled, entrance, channelEvent(act, 'ChannelDisconnected', disabled));
    expect(await knownChannel(act.tenant, channel.id)).toBeUndefined();
    await expect(getChannel(act.tenant, channel.id)).rejects.toMatchObject({ code: 'resource.not-found' });
    expect(await findRoute({ by: 'channel', channelId: channel.id })).toBeUndefined();
    const { accountSid } = credentials;
    expect(await findRoute({ by: 'twilio', accountSid, to: channel.address })).toBeUndefined();
  });

  it('of another tenant is not found', async () => {
    const { channel } = await addTwilioChannel(newAct());
    const { tenant } = newAct();
    await expect(getChannel(tenant, channel.id)).rejects.toMatchObject({ code: 'resource.not-found' });
    expect(await knownChannel(tenant, channel.id)).toBeUndefined();
  });

  it('is listed page by page', async () => {
    const act = newAct();
    const added = [];
    for (let count = 0; count < 3; count += 1)
      added.push((await addTwilioChannel(act, { address: newPhone() })).channel.id);
    const first = await listChannels(act.tenant, { limit: 2 });
    const second = await listChannels(act.tenant, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(added);
    expect(second.nextCursor).toBeNull();
  });
});
