import type { ProviderName } from '../contract/vocabulary.ts';
import { ChannelIdSchema } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { isPassing } from '../domain/passing.ts';
import { handleOrKeep, type Arrived, type WebhookResult } from '../messaging/webhook.ts';
import { edge, requestIdOf, type HttpAnswer, type HttpEvent } from './edge.ts';
import { limitAddress } from './limit.ts';
import { describeError, logger } from './logger.ts';
import { count } from './metrics.ts';
import { rawBody } from './request.ts';
import { newId, now } from './worker.ts';

const contentTypes: Record<ProviderName, string> = {
  twilio: 'application/x-www-form-urlencoded',
  telegram: 'application/json',
};

const forged = (): Failure =>
  new Failure('webhook.forged', 'The webhook is not signed for a channel that is connected here.');

/** What a signature is checked by; nothing else of the headers is needed, or kept. */
const signatureHeaders = ({ headers }: HttpEvent): Arrived['headers'] =>
  Object.fromEntries(
    ['content-type', 'x-twilio-signature', 'x-telegram-bot-api-secret-token'].map((name) => [name, headers[name]]),
  );

const arrivedOf = (provider: ProviderName, kind: Arrived['kind'], event: HttpEvent): Arrived => {
  const type = (event.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== contentTypes[provider]) {
    throw new Failure('request.media-type', `Send the webhook as ${contentTypes[provider]}.`);
  }
  const named = event.pathParameters?.channelId;
  const channelId = named === undefined ? undefined : ChannelIdSchema.safeParse(named);
  if (channelId?.success === false) throw forged();
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  return {
    provider,
    kind,
    ...(channelId !== undefined && { channelId: channelId.data }),
    path: `${event.rawPath}${query}`,
    headers: signatureHeaders(event),
    body: rawBody(event),
    requestId: requestIdOf(event),
    receivedAt: now().toISOString(),
  };
};

/** What each provider takes for "received": TwiML that says nothing, or nothing at all. */
const acknowledgements: Record<ProviderName, HttpAnswer> = {
  twilio: { statusCode: 200, headers: { 'content-type': 'text/xml' }, body: '<Response></Response>' },
  telegram: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
};

const counted: Partial<Record<WebhookResult, Parameters<typeof count>[0]>> = {
  refused: 'WebhookRefused',
  parked: 'WebhookParked',
  unparsable: 'WebhookUnparsable',
};

const logTrouble = (error: unknown): void => {
  logger.error('a verified webhook could not be handled', describeError(error));
};

/** A handler for a provider's webhook. One that is not signed for a connected channel is counted and refused, never written. */
export const takeWebhook = (provider: ProviderName, kind: Arrived['kind']) =>
  edge(async (event) => {
    logger.appendKeys({ provider, kind, channel: event.pathParameters?.channelId });
    const result = await handleOrKeep({ now, newId }, arrivedOf(provider, kind, event), isPassing, logTrouble);
    const metric = counted[result];
    if (metric !== undefined) count(metric);
    if (result === 'refused') {
      limitAddress(event.requestContext.http.sourceIp);
      throw forged();
    }
    return { ...acknowledgements[provider] };
  });
