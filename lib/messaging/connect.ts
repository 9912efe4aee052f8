import { randomBytes } from 'node:crypto';
import { sealCredentials } from '../cloud/keys.ts';
import { environment } from '../config/environment.ts';
import type { Channel, ChannelChange, NewChannel } from '../contract/channels.ts';
import { ChannelIdSchema, type ChannelId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { addressesOf, type ChannelRecord } from '../domain/channel.ts';
import { Failure, invalid, requireVersion } from '../domain/failure.ts';
import { channelEvent } from '../domain/occurrence.ts';
import type { ConnectOutcome } from '../providers/provider.ts';
import { TelegramCredentialsSchema } from '../providers/telegram/credentials.ts';
import { TwilioCredentialsSchema } from '../providers/twilio/credentials.ts';
import { changeChannel, getChannel, insertChannel, removeChannel, type ChannelEntrance } from '../table/channels.ts';
import { untilUndisturbed, type Step } from '../table/transaction.ts';
import { providerOf } from './provider-access.ts';
import { restingUntil } from './resting.ts';

const newSecret = (): string => randomBytes(32).toString('base64url');

/** What a channel keeps: what the user gave, and for Telegram the secret that its updates will carry. */
const credentialsOf = (input: NewChannel) =>
  input.provider === 'twilio' ? input.credentials : { ...input.credentials, webhookSecret: newSecret() };

const botIdOf = (botToken: string): string => botToken.split(':')[0] ?? '';

const entranceOf = (
  channel: Pick<ChannelRecord, 'provider' | 'transport' | 'address'>,
  credentials: unknown,
): ChannelEntrance => {
  if (channel.provider === 'twilio') {
    const { accountSid } = TwilioCredentialsSchema.parse(credentials);
    return { provider: 'twilio', accountSid, transport: channel.transport, address: channel.address };
  }
  const { botToken, webhookSecret } = TelegramCredentialsSchema.parse(credentials);
  return { provider: 'telegram', botId: botIdOf(botToken), secret: webhookSecret };
};

/** A channel whose connecting was cut off is looked after by the due job. */
const CONNECTING_SECONDS = 60;

const newChannel = async (
  act: Act,
  input: NewChannel,
): Promise<{ channel: ChannelRecord; entrance: ChannelEntrance }> => {
  const id = ChannelIdSchema.parse(act.newId());
  const credentials = credentialsOf(input);
  const channel: ChannelRecord = {
    id,
    transport: input.transport,
    provider: input.provider,
    address: input.provider === 'twilio' ? input.address : '',
    ...addressesOf(environment().PUBLIC_BASE_URL, id, input.provider),
    status: 'connecting',
    onAmbiguous: input.onAmbiguous,
    messagesPerSecond: input.messagesPerSecond,
    reconciliation: null,
    reconciliationId: null,
    createdAt: instant(act.now()),
    updatedAt: instant(act.now()),
    version: 1,
    revision: 1,
    failures: 0,
    dueAt: secondsAfter(act.now(), CONNECTING_SECONDS),
    sealedCredentials: await sealCredentials({ tenant: act.tenant, channel: id }, credentials),
  };
  return { channel, entrance: entranceOf(channel, credentials) };
};

const callConnect = async (act: Act, channel: ChannelRecord): Promise<ConnectOutcome> => {
  const { provider, credentials } = await providerOf(act.tenant, channel);
  const address = channel.address === '' ? undefined : channel.address;
  return provider.connect(credentials, { address, transport: channel.transport, webhookUrl: channel.webhookUrl });
};

const activated = (act: Act, channel: ChannelRecord, address: string): ChannelRecord => ({
  ...channel,
  address,
  status: 'active',
  dueAt: restingUntil(act, { provider: channel.provider, status: 'active' }),
  failures: 0,
  updatedAt: instant(act.now()),
  revision: channel.revision + 1,
});

const forget = async (act: Act, channel: ChannelRecord, also: readonly Step[] = []): Promise<void> => {
  const { credentials } = await providerOf(act.tenant, channel);
  await removeChannel(act.tenant, channel, entranceOf(channel, credentials), undefined, also);
};

const refuse = (outcome: Exclude<ConnectOutcome, { kind: 'connected' }>): Failure =>
  outcome.kind === 'refused'
    ? new Failure('channel.refused', outcome.detail)
    : new Failure('provider.unavailable', outcome.detail, { retryAfterSeconds: 10 });

/** What makes it happen once, though it takes two transactions and a call: held in the first, remembered in the last. */
export interface OnceSteps {
  readonly hold: readonly Step[];
  readonly release: readonly Step[];
  readonly remember: (channel: Channel) => readonly Step[];
}

/**
 * Connects a number or a bot: keeps it as `connecting` with its secret, so that the provider's first webhook can be
 * verified, then calls the provider, then makes it `active`.
 *
 * @throws Failure `channel.duplicate`, `channel.refused`, `provider.unavailable`; then nothing is left of it
 */
export const connectChannel = async (act: Act, input: NewChannel, once: OnceSteps): Promise<ChannelRecord> => {
  const { channel, entrance } = await newChannel(act, input);
  await insertChannel(act.tenant, channel, entrance, once.hold);
  const outcome = await callConnect(act, channel);
  if (outcome.kind !== 'connected') {
    await forget(act, channel, once.release);
    throw refuse(outcome);
  }
  const active = activated(act, channel, outcome.address);
  const event = channelEvent(act, 'ChannelConnected', active);
  await changeChannel(act.tenant, channel, active, event, once.remember(active));
  return active;
};

/** Takes up connecting where it was cut off. */
export const finishConnecting = async (act: Act, channel: ChannelRecord): Promise<void> => {
  const outcome = await callConnect(act, channel);
  if (outcome.kind === 'refused') return forget(act, channel);
  const after =
    outcome.kind === 'connected'
      ? activated(act, channel, outcome.address)
      : { ...channel, dueAt: secondsAfter(act.now(), CONNECTING_SECONDS), revision: channel.revision + 1 };
  const event = outcome.kind === 'connected' ? channelEvent(act, 'ChannelConnected', after) : undefined;
  await changeChannel(act.tenant, channel, after, event);
};

/** How long a replaced auth token still verifies: long enough to replace it at Twilio too. */
const OVERLAP_SECONDS = 24 * 3600;

/** New credentials of the same account or bot. */
const rotated = (
  act: Act,
  channel: ChannelRecord,
  former: unknown,
  input: NonNullable<ChannelChange['credentials']>,
) => {
  if (channel.provider === 'twilio' && 'authToken' in input) {
    const { accountSid, authToken } = TwilioCredentialsSchema.parse(former);
    if (input.accountSid !== accountSid) {
      throw invalid('/credentials/accountSid', 'is another account: connect it as a new channel');
    }
    const previous = { authToken, until: secondsAfter(act.now(), OVERLAP_SECONDS) };
    return { ...input, ...(authToken !== input.authToken && { previous }) };
  }
  if (channel.provider === 'telegram' && 'botToken' in input) {
    const { botToken, webhookSecret } = TelegramCredentialsSchema.parse(former);
    if (botIdOf(botToken) !== botIdOf(input.botToken)) {
      throw invalid('/credentials/botToken', 'is another bot: connect it as a new channel');
    }
    return { ...input, webhookSecret };
  }
  throw invalid('/credentials', `are not those of ${channel.provider}`);
};

/** A change that counts; a channel that is changed by hand starts without failures. */
const next = (act: Act, channel: ChannelRecord, change: Partial<ChannelRecord>): ChannelRecord => ({
  ...channel,
  failures: 0,
  dueAt: restingUntil(act, { provider: channel.provider, status: change.status ?? channel.status }),
  ...change,
  updatedAt: instant(act.now()),
  version: channel.version + 1,
  revision: channel.revision + 1,
});

/** Keeps new credentials, tells the provider, and takes the former back when it does not agree. */
const rekey = async (act: Act, before: ChannelRecord, after: ChannelRecord, credentials: unknown) => {
  const sealedCredentials = await sealCredentials({ tenant: act.tenant, channel: before.id }, credentials);
  const rekeyed = { ...after, sealedCredentials };
  await changeChannel(act.tenant, before, rekeyed, channelEvent(act, 'ChannelUpdated', rekeyed, before));
  const outcome = await callConnect(act, rekeyed);
  if (outcome.kind === 'connected') return rekeyed;
  const { status, onAmbiguous, messagesPerSecond, failures, dueAt } = before;
  const former = {
    status,
    onAmbiguous,
    messagesPerSecond,
    failures,
    dueAt,
    sealedCredentials: before.sealedCredentials,
  };
  const restored = next(act, rekeyed, former);
  await changeChannel(act.tenant, rekeyed, restored, channelEvent(act, 'ChannelUpdated', restored, rekeyed));
  throw refuse(outcome);
};

/**
 * Enables, disables or re-keys a channel. New credentials are kept before the provider is told of them.
 *
 * @throws Failure `resource.not-found`, `channel.connecting`, `version.stale`, `channel.refused`, `provider.unavailable`
 */
export const replaceChannel = (
  act: Act,
  id: ChannelId,
  { status, onAmbiguous, messagesPerSecond, credentials }: ChannelChange,
  ifMatch: number | undefined,
): Promise<ChannelRecord> =>
  untilUndisturbed(async () => {
    const before = await getChannel(act.tenant, id);
    requireVersion(ifMatch, before.version);
    if (before.status === 'connecting') throw new Failure('channel.connecting', 'Wait until it is connected.');
    const after = next(act, before, { status, onAmbiguous, messagesPerSecond });
    if (credentials !== undefined) {
      const { credentials: former } = await providerOf(act.tenant, before);
      return rekey(act, before, after, rotated(act, before, former, credentials));
    }
    await changeChannel(act.tenant, before, after, channelEvent(act, 'ChannelUpdated', after, before));
    return after;
  });

/**
 * Disconnects a channel: nothing leads to it any more; what was said on it stays. The provider is told first, while
 * nobody else can connect the same bot; a crash in between is healed by asking again.
 *
 * @throws Failure `resource.not-found`, `channel.connecting`, `version.stale`
 */
export const disconnectChannel = (act: Act, id: ChannelId, ifMatch: number | undefined): Promise<void> =>
  untilUndisturbed(async () => {
    const channel = await getChannel(act.tenant, id);
    requireVersion(ifMatch, channel.version);
    if (channel.status === 'connecting') throw new Failure('channel.connecting', 'Wait until it is connected.');
    const { provider, credentials } = await providerOf(act.tenant, channel);
    await provider.disconnect(credentials);
    const event = channelEvent(act, 'ChannelDisconnected', channel);
    await removeChannel(act.tenant, channel, entranceOf(channel, credentials), event);
  });
