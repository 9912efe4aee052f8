import { addTwilioChannel, newAct } from '../../test/support/builders.ts';
import { findChannel } from '../table/channels.ts';
import { disconnectChannel, replaceChannel } from './connect.ts';

it('a channel that is still being connected is neither changed nor disconnected', async () => {
  const act = newAct();
  const { channel } = await addTwilioChannel(act, { status: 'connecting' });
  const change = replaceChannel(
    act,
    channel.id,
    { status: 'disabled', onAmbiguous: 'ask', messagesPerSecond: null },
    undefined,
  );
  await expect(change).rejects.toMatchObject({ code: 'channel.connecting' });
  await expect(disconnectChannel(act, channel.id, undefined)).rejects.toMatchObject({ code: 'channel.connecting' });
  expect(await findChannel(act.tenant, channel.id)).toMatchObject({ status: 'connecting', revision: channel.revision });
});
