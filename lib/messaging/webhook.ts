import * as z from 'zod';
import { keepPayload } from '../cloud/payloads.ts';
import { parkWebhook } from '../cloud/queues.ts';
import { environment } from '../config/environment.ts';
import { ChannelIdSchema, ChatIdSchema, MessageIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { InboundUpdate, Provider, Webhook } from '../providers/provider.ts';
import { findRoute, findRouteAnew, knownChannel, type WebhookTarget } from '../table/channels.ts';
import { keepDeadLetter } from '../table/dead-letters.ts';
import { recordFinding } from './findings.ts';
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

/** Finds the channel and checks the signature over the public address and the raw body. Reads only: strangers cost nothing. */
const verify = async (arrived: Arrived): Promise<Verified | undefined> => {
  const found = await findTarget(targetOf(arrived));
  if (found?.channel.provider !== arrived.provider) return undefined;
  const { route, channel } = found;
  const { provider, credentials } = await providerOf(route.tenantId, channel);
  const webhook = {
    url: `${environment().PUBLIC_BASE_URL}${arrived.path}`,
    headers: arrived.headers,
    body: arrived.body,
    receivedAt: arrived.receivedAt,
  };
  return provider.verify(credentials, webhook) ? { tenant: route.tenantId, channel, provider, webhook } : undefined;
};

/** The system's own act until it is known who wrote. */
const actOf = (source: Pick<Act, 'now' | 'newId'>, tenant: TenantId, arrived: Arrived): Act => ({
  ...source,
  tenant,
  actor: { type: 'system', id: `webhook:${arrived.provider}` },
  correlationId: arrived.requestId,
});

const keep = async (act: Act, arrived: Arrived, channel: ChannelRecord, reason: string): Promise<WebhookResult> => {
  await keepDeadLetter(act.tenant, {
    source: 'webhook',
    reason,
    payload: await keepPayload(act.tenant, channel.id, arrived.body),
    receivedAt: instant(act.now()),
  });
  return 'unparsable';
};

const takeMessage = async (
  act: Act,
  arrived: Arrived,
  channel: ChannelRecord,
  update: InboundUpdate,
): Promise<WebhookResult> => {
  if (update.kind === 'ignored') return 'ignored';
  if (update.kind === 'unparsable') return keep(act, arrived, channel, update.reason);
  const raw = await keepPayload(act.tenant, channel.id, arrived.body);
  const result = await receive(act, { channelId: channel.id, inbound: update, raw });
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
  if (!address.success) return keep(act, arrived, channel, 'The report does not say of which message it is.');
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
    ? takeMessage(act, arrived, verified.channel, verified.provider.parseInbound(verified.webhook))
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
    const kept = await keep(act, arrived, verified.channel, 'It could not be handled.').catch(() => undefined);
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
