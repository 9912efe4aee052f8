import { openCredentials, sealCredentials } from '../../lib/cloud/keys.ts';
import { ChannelSchema } from '../../lib/contract/channels.ts';
import { MessageSchema } from '../../lib/contract/messages.ts';
import { changeChannel, getChannel } from '../../lib/table/channels.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';
import { TelegramCredentialsSchema } from '../../lib/providers/telegram/credentials.ts';
import { TwilioCredentialsSchema } from '../../lib/providers/twilio/credentials.ts';
import { read } from '../support/answers.ts';
import { sharedUrls } from '../support/client.ts';
import { newTelegramUser } from '../support/random.ts';
import { openTenant } from '../support/tenant.ts';
import { eventsOf, openSms, patiently, sayToOthers, Scene } from './support.ts';

/** Tokens that the providers no longer know; the simulator sees it by the word. */
const revoked = (credentials: unknown): unknown => {
  const twilio = TwilioCredentialsSchema.safeParse(credentials);
  if (twilio.success) return { ...twilio.data, authToken: 'invalid' };
  return { ...TelegramCredentialsSchema.parse(credentials), botToken: '1:invalid-token' };
};

/** Changes the credentials behind the system's back, as a provider does that closes and reopens an account. */
const reseal = ({ tenant, channel }: Scene, change: (credentials: unknown) => unknown): Promise<unknown> =>
  untilUndisturbed(async () => {
    const owner = { tenant: tenant.id, channel: channel.id };
    const before = await getChannel(tenant.id, channel.id);
    const credentials = await openCredentials(owner, before.sealedCredentials);
    const sealedCredentials = await sealCredentials(owner, change(credentials));
    await changeChannel(tenant.id, before, { ...before, sealedCredentials, revision: before.revision + 1 }, undefined);
    return credentials;
  });

const statusOf = async ({ tenant, channel }: Scene): Promise<string> =>
  read(await tenant.admin.get(`/crm/channels/${channel.id}`), 200, ChannelSchema).status;

const announcedOf = async ({ tenant, channel }: Scene): Promise<string[]> =>
  (await eventsOf(tenant.id)).filter(({ subject }) => subject.id === channel.id).map(({ type }) => type);

/** The functions remember a channel for ten seconds, so that nobody may have asked for this one yet. */
const openUnused = async (): Promise<Scene> => {
  const tenant = await openTenant();
  const to = String(newTelegramUser());
  const client = await tenant.addClient({ contacts: [{ type: 'telegram', value: to }] });
  const channel = await tenant.connectTelegram();
  return new Scene({ urls: sharedUrls(), tenant, channel, to, chatId: client.id });
};

const cases = [
  ['twilio', openSms, 'delivered'],
  ['telegram', openUnused, 'sent'],
] as const;

it.concurrent.each(cases)(
  'a channel of %s whose account is closed fails, is probed, and sends what waited, once and in order, when it works again',
  async (_, open, end) => {
    const scene = await open();
    const credentials = await reseal(scene, revoked);
    const messages = [await scene.say('one'), await scene.say('two'), ...(await sayToOthers(scene, 2))];
    await patiently(async () => expect(await statusOf(scene)).toBe('failing'));
    messages.push(await scene.say('three'));
    await patiently(async () => expect(await announcedOf(scene)).toEqual(['ChannelConnected', 'ChannelFailing']));
    expect(await scene.received()).toEqual([]);
    await reseal(scene, () => credentials);
    for (const message of messages) await scene.becomes(message, end);
    expect(await scene.received()).toEqual(['one', 'two', 'three']);
    expect(await statusOf(scene)).toBe('active');
    await patiently(async () =>
      expect(await announcedOf(scene)).toEqual(['ChannelConnected', 'ChannelFailing', 'ChannelRecovered']),
    );
  },
);

it.concurrent.each(cases)(
  'a channel of %s whose account is closed fails what waits for it, for all to see, when it is disconnected',
  async (_, open) => {
    const scene = await open();
    await reseal(scene, revoked);
    const [message] = await Promise.all([scene.say('too late'), sayToOthers(scene, 2)]);
    await patiently(async () => expect(await statusOf(scene)).toBe('failing'));
    expect((await scene.tenant.admin.delete(`/crm/channels/${scene.channel.id}`)).status).toBe(204);
    const { error } = await scene.becomes(message, 'failed');
    expect(error?.code).toBe('channel.disconnected');
    const messages = await scene.tenant.admin.get(`/crm/chats/${message.chatId}/messages/${message.id}`);
    expect(read(messages, 200, MessageSchema).sentAt).toBeNull();
  },
);
