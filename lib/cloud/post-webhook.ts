import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { canBeTold, isLetThrough, lookUpPublic, PrivateAddress } from './public-address.ts';

export interface WebhookCall {
  readonly url: string;
  /** The same in every attempt, so that the receiver can drop repeats. */
  readonly id: string;
  readonly at: Date;
  readonly body: string;
  /** Whose signatures go along, the newest first. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
}

export interface WebhookAnswer {
  /** `null`: there was none. */
  readonly status: number | null;
  /** Why there was none: a code of the system, or a class of error; nothing that the other side said. */
  readonly error: string | null;
  /** For how long it asked us to wait. */
  readonly retryAfterSeconds: number | null;
}

/** Seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
export const retryAfterOf = (text: string | undefined, now: Date): number | null => {
  if (text === undefined) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  return seconds > 0 ? seconds : null;
};

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

const open = (call: WebhookCall, signal: AbortSignal): ClientRequest => {
  const url = new URL(call.url);
  if (!canBeTold(url)) throw new PrivateAddress('The address is in a private network.');
  const options = {
    method: 'POST',
    signal,
    agent: false,
    ...(!isLetThrough(url) && { lookup: lookUpPublic }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(call.body),
      'user-agent': 'Parley-Webhooks/1',
      'webhook-id': call.id,
      'webhook-timestamp': String(Math.floor(call.at.getTime() / 1000)),
      'webhook-signature': call.secrets
        .map((secret) => new Webhook(secret).sign(call.id, call.at, call.body))
        .join(' '),
    },
  };
  return url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
};

const answerOf = async (call: WebhookCall, signal: AbortSignal): Promise<WebhookAnswer> => {
  const request = open(call, signal);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject).end(call.body);
  });
  // What it says is nobody's business here, however much it is.
  response.destroy();
  const retryAfterSeconds = retryAfterOf(response.headers['retry-after'], call.at);
  return { status: response.statusCode ?? null, error: null, retryAfterSeconds };
};

/**
 * Tells another system of an event, once: by https, at a public address, signed, without following it elsewhere.
 * https://www.standardwebhooks.com
 */
export const postWebhook = async (call: WebhookCall): Promise<WebhookAnswer> => {
  const signal = AbortSignal.timeout(call.timeoutMs);
  try {
    return await answerOf(call, signal);
  } catch (error) {
    return { status: null, error: signal.aborted ? 'timeout' : codeOf(error), retryAfterSeconds: null };
  }
};
