import * as z from 'zod';
import { keepLetterPayload, keepPayload } from '../cloud/payloads.ts';
import { parkWebhook } from '../cloud/queues.ts';
import { environment } from '../config/environment.ts';
import { DeadLetterIdSchema } from '../contract/dead-letters.ts';
import {
  ChannelIdSchema,
  ChatIdSchema,
  MessageIdSchema,
  TenantIdSchema,
  type TenantId,
} from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { InboundUpdate, Provider, Webhook } from '../providers/provider.ts';
import { findRoute, findRouteAnew, knownChannel, type WebhookTarget } from '../table/channels.ts';
import { keepDeadLetter } from '../table/dead-letters.ts';
import { recordFinding } from './findings.ts';
import { takeFromUser } from './linked-account.ts';
import { providerOf } from './provider-access.ts';
import { receive } from './receive.ts';

/** A webhook as it came, with where it went: all it takes to handle it again later. */
export const ArrivedSchema = z.object({
  provider: z.enum(['twilio', 'telegram']),
  kind: z.enum(['message', 'report']),
  /** The path's channel; the bare paths say it in the body or the secret. */
  channelId: ChannelIdSchema.optional(),
  /** Path and query, as they came. */
  path: z.string(),
  headers: z.record(z.string(), z.string().optional()),
  body: z.string(),
  requestId: z.string(),
  receivedAt: z.string(),
  /** Said by us alone, of one that was verified when it came and is handled once more: whose it is, and which dead letter it was. */
  verified: z.object({ tenantId: TenantIdSchema, letterId: DeadLetterIdSchema }).optional(),
});
export type Arrived = z.infer<typeof ArrivedSchema>;

/** `refused`: not signed by the provider, or for nobody we know; the answer is the same. */
export type WebhookResult = 'done' | 'replayed' | 'unparsable' | 'ignored' | 'parked' | 'refused';

const TELEGRAM_SECRET = 'x-telegram-bot-api-secret-token';

/** How a webhook to a bare path says for whom it is. */
const targetOf = ({ provider, channelId, headers, body }: Arrived): WebhookTarget => {
  if (channelId !== undefined) return { by: 'channel', channelId };
  if (provider === 'telegram') return { by: 'telegram', secret: headers[TELEGRAM_SECRET] ?? '' };
  const form = new URLSearchParams(body);
  return { by: 'twilio', accountSid: form.get('AccountSid') ?? '', to: form.get('To') ?? '' };
};

interface Verified {
  readonly tenant: TenantId;
  readonly channel: ChannelRecord;
  readonly provider: Provider<unknown>;
  readonly webhook: Webhook;
}

/** Where a webhook leads. A route that is remembered may lead to a channel that is gone: it is read once more. */
const findTarget = async (target: WebhookTarget) => {
  for (const find of [findRoute, findRouteAnew]) {
    const route = await find(target);
    const channel = route && (await knownChannel(route.tenantId, route.channelId));
    if (route !== undefined && channel !== undefined) return { route, channel };
    if (route === undefined) return undefined;
  }
  return undefined;
};

/** One that was verified before, as far as its channel is still there. */
const findVerified = async ({ verified, channelId, provider }: Arrived) => {
  if (verified === undefined || channelId === undefined) return undefined;
  const channel = await knownChannel(verified.tenantId, channelId);
  return channel?.provider === provider ? { route: { tenantId: verified.tenantId }, channel } : undefined;
};

/** Finds the channel and checks the signature over the public address and the raw body. Reads only: strangers cost nothing. */
const verify = async (arrived: Arrived): Promise<Verified | undefined> => {
  const isVerified = arrived.verified !== undefined;
  const found = isVerified ? await findVerified(arrived) : await findTarget(targetOf(arrived));
  if (found?.channel.provider !== arrived.provider) return undefined;
  const { route, channel } = found;
  const { provider, credentials } = await providerOf(route.tenantId, channel);
  const webhook = {
    url: `${environment().PUBLIC_BASE_URL}${arrived.path}`,
    headers: arrived.headers,
    body: arrived.body,
    receivedAt: arrived.receivedAt,
  };
  return isVerified || provider.verify(credentials, webhook)
    ? { tenant: route.tenantId, channel, provider, webhook }
    : undefined;
};

/** The system's own act until it is known who wrote. */
const actOf = (source: Pick<Act, 'now' | 'newId'>, tenant: TenantId, arrived: Arrived): Act => ({
  ...source,
  tenant,
  actor: { type: 'system', id: `webhook:${arrived.provider}` },
  correlationId: arrived.requestId,
});

/** How it can be taken in again, with the letter that it was if it is taken in again already. */
const wayOf = (
  channel: ChannelRecord,
  { provider, kind, path, requestId, receivedAt, verified }: Omit<Arrived, 'headers' | 'body'>,
) => ({
  ...(verified !== undefined && { id: verified.letterId }),
  way: { to: 'webhook', provider, kind, channelId: channel.id, path, requestId, receivedAt } as const,
});

/** What a provider told when it was asked; it counts once, however often it is listed. */
interface Listed {
  readonly providerMessageId: string;
  /** When it was written, ISO 8601, of a message of a client: it is taken in again as the webhook that did not come. */
  readonly at?: string;
}

const isListed = (origin: Arrived | Listed): origin is Listed => 'providerMessageId' in origin;

const listedWay = ({ correlationId }: Act, channel: ChannelRecord, { providerMessageId, at }: Listed) => ({
  entry: `${channel.id} ${providerMessageId}`,
  ...(at !== undefined &&
    wayOf(channel, {
      provider: channel.provider,
      kind: 'message',
      path: '',
      requestId: correlationId,
      receivedAt: at,
    })),
});

const keep = async (
  act: Act,
  body: string,
  channel: ChannelRecord,
  reason: string,
  origin: Arrived | Listed,
): Promise<WebhookResult> => {
  await keepDeadLetter(act.tenant, {
    ...(isListed(origin) ? listedWay(act, channel, origin) : wayOf(channel, origin)),
    source: 'webhook',
    origin: channel.provider,
    reason,
    payload: await keepLetterPayload(act.tenant, channel.id, body),
    receivedAt: instant(act.now()),
  });
  return 'unparsable';
};

/** Keeps what a provider listed and nobody can take in, so that what it lists beside it can be. */
export const keepListed = async (act: Act, channel: ChannelRecord, body: string, origin: Listed): Promise<void> => {
  await keep(act, body, channel, 'It could not be handled.', origin);
};

/** Takes in what a provider told of a client, in a webhook's body or when it was asked. Again, it changes nothing. */
export const takeUpdate = async (
  act: Act,
  channel: ChannelRecord,
  update: InboundUpdate,
  body: string,
  origin: Arrived | Listed,
): Promise<WebhookResult> => {
  if (update.kind === 'ignored') return 'ignored';
  if (update.kind === 'unparsable') return keep(act, body, channel, update.reason, origin);
  const taken = await takeFromUser(act, channel, update);
  if (taken !== undefined) return taken;
  const raw = await keepPayload(act.tenant, channel.id, body);
  // By the provider's clock only where it was asked: webhooks come in their order, however late.
  const saidAt = isListed(origin) ? update.providerTime : origin.receivedAt;
  const said = saidAt === undefined ? {} : { saidAt };
  const result = await receive(act, { channelId: channel.id, inbound: update, raw, ...said });
  return result === 'received' ? 'done' : 'replayed';
};

const ReportAddressSchema = z.object({
  chat: ChatIdSchema,
  message: MessageIdSchema,
  attempt: z.coerce.number().int().min(1),
});

/** Our own address said of which message and attempt the provider reports. */
const takeReport = async (
  act: Act,
  arrived: Arrived,
  { channel, provider, webhook }: Verified,
): Promise<WebhookResult> => {
  const address = ReportAddressSchema.safeParse(Object.fromEntries(new URL(webhook.url).searchParams));
  if (!address.success)
    return keep(act, arrived.body, channel, 'The report does not say of which message it is.', arrived);
  const report = provider.parseReport(webhook);
  if (report === undefined) return 'ignored';
  const { status, providerMessageId, error } = report;
  const { chat, message, attempt } = address.data;
  const failure = error === undefined ? null : { code: error.code, detail: error.detail };
  const learned = { status, attempt, providerMessageId, error: failure, optedOut: error?.optedOut ?? false };
  await recordFinding(act, chat, message, learned);
  return 'done';
};

type Source = Pick<Act, 'now' | 'newId'>;

const take = (source: Source, arrived: Arrived, verified: Verified): Promise<WebhookResult> => {
  const act = actOf(source, verified.tenant, arrived);
  return arrived.kind === 'message'
    ? takeUpdate(act, verified.channel, verified.provider.parseInbound(verified.webhook), arrived.body, arrived)
    : takeReport(act, arrived, verified);
};

/** Verifies a webhook and does what it says. Doing it twice changes nothing more. */
export const handleWebhook = async (source: Source, arrived: Arrived): Promise<WebhookResult> => {
  const verified = await verify(arrived);
  return verified === undefined ? 'refused' : take(source, arrived, verified);
};

/** Takes a verified webhook that could not be handled: later, from the queue, or as a dead letter where there is no hope. */
const rescue = async (source: Source, arrived: Arrived, verified: Verified, hope: boolean): Promise<WebhookResult> => {
  if (!hope) {
    const act = actOf(source, verified.tenant, arrived);
    const kept = await keep(act, arrived.body, verified.channel, 'It could not be handled.', arrived).catch(
      () => undefined,
    );
    if (kept !== undefined) return kept;
  }
  await parkWebhook(arrived);
  return 'parked';
};

/**
 * As {@link handleWebhook}, but once it is verified nothing of it is lost: when the table is away or too busy, it is kept
 * on the inbound queue; when it cannot be handled at all, it is kept as a dead letter. A provider repeats itself only a
 * few times, and Twilio never after a 4xx.
 *
 * @param isPassing whether an error says that the table is away or too busy for the moment
 * @param onTrouble is told of every error that is not passed on
 */
export const handleOrKeep = async (
  source: Source,
  arrived: Arrived,
  isPassing: (error: unknown) => boolean,
  onTrouble: (error: unknown) => void,
): Promise<WebhookResult> => {
  const verified = await verify(arrived);
  if (verified === undefined) return 'refused';
  try {
    return await take(source, arrived, verified);
  } catch (error) {
    onTrouble(error);
    return rescue(source, arrived, verified, isPassing(error));
  }
};

/** Whose a webhook would be, by what it says of itself: not verified. */
export const claimedTenantOf = async (arrived: Arrived): Promise<TenantId | undefined> =>
  arrived.verified?.tenantId ?? (await findTarget(targetOf(arrived)))?.route.tenantId;
