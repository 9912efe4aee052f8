import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import * as z from 'zod';

/** An idle connection older than this is not used again. */
const IDLE_LIMIT_MS = 15_000;

const CONNECT_TIMEOUT_CODE = 'ERR_CONNECT_TIMEOUT';

/**
 * Keeps connections open between calls, gives up on one that is not made in time, and does not reuse old ones.
 *
 * Both halves are about knowing what happened: a connection that was never made carried no message, while one that
 * the other side closed long ago (a Lambda function sleeps between calls, and its timers with it) would fail with a
 * reset, which could mean anything.
 */
class ProviderAgent extends Agent {
  readonly #connectTimeoutMs: number;
  readonly #idleSince = new WeakMap<Duplex, number>();

  constructor(connectTimeoutMs: number) {
    super({ keepAlive: true, keepAliveMsecs: 10_000, maxSockets: 50 });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(
    options: AgentOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    if (!socket) return socket;
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('connect time-out'), { code: CONNECT_TIMEOUT_CODE }));
    }, this.#connectTimeoutMs);
    const stop = (): void => clearTimeout(timer);
    socket.once('secureConnect', stop).once('close', stop);
    return socket;
  }

  override keepSocketAlive(socket: Duplex): void {
    this.#idleSince.set(socket, Date.now());
    super.keepSocketAlive(socket);
  }

  /** To be called before a request: closes connections that have been idle for too long. */
  dropIdle(now = Date.now()): void {
    for (const socket of Object.values(this.freeSockets).flat()) {
      if (socket && now - (this.#idleSince.get(socket) ?? 0) > IDLE_LIMIT_MS) socket.destroy();
    }
  }
}

const agents = new Map<number, ProviderAgent>();

/** The one agent of this time-out, ready for a request. */
export const providerAgent = (timeoutMs: number): ProviderAgent => {
  const connectTimeoutMs = Math.ceil(timeoutMs / 2);
  const agent = agents.get(connectTimeoutMs) ?? new ProviderAgent(connectTimeoutMs);
  agents.set(connectTimeoutMs, agent);
  agent.dropIdle();
  return agent;
};

const FailureSchema = z.object({ code: z.string().optional(), message: z.string().catch('') });

/** Only raised while connecting. https://nodejs.org/api/errors.html#common-system-errors */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', CONNECT_TIMEOUT_CODE]);
/** TLS hands over no byte of a request before the certificate is accepted. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_REFUSED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/;
/** Raised while connecting as well as later; the message tells which. */
const CONNECTING = /\bconnect E(HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL|TIMEDOUT)\b/;

/**
 * What a call without an answer came to. `unreachable`: no connection was made, so nothing was handed over.
 * The detail is a code alone: messages of HTTP clients repeat addresses, and Telegram's hold the bot's token.
 */
export const unanswered = (error: unknown): { kind: 'unreachable' | 'ambiguous'; detail: string } => {
  const { code, message } = FailureSchema.catch({ message: '' }).parse(error);
  const name = error instanceof Error ? error.name : 'Error';
  const connected = !(
    code !== undefined &&
    (NEVER_CONNECTED.has(code) || TLS_REFUSED.test(code) || CONNECTING.test(message))
  );
  return connected
    ? { kind: 'ambiguous', detail: `no usable answer (${code ?? name})` }
    : { kind: 'unreachable', detail: `no connection (${code})` };
};

/** The call took longer than it may. It may still be carried out. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'ERR_DEADLINE';
}

/** Ends the wait for a call at `ms`, whatever a library's own time-out counts. */
export const within = async <Result>(ms: number, call: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([call, deadline]);
  } finally {
    clearTimeout(timer);
  }
};
