import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Twilio waits for 15 s. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const TIMEOUT_MS = 15_000;
/** Nobody answered. */
export const NO_ANSWER = 0;

/** Posts webhooks on connections of their own, and stops when told. */
export class Deliveries {
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** The status of the answer, or `NO_ANSWER`. */
  post({ url, headers, body }: Post): Promise<number> {
    const target = new URL(url);
    const request = target.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve) => {
      const outgoing = request(target, {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      outgoing.on('error', () => resolve(NO_ANSWER));
      outgoing.on('response', (response) => {
        response.resume();
        response.on('error', () => resolve(NO_ANSWER));
        response.on('end', () => resolve(response.statusCode ?? NO_ANSWER));
      });
      outgoing.end(body);
    });
  }

  /** Does it later, unless stopped before. */
  later(delayMs: number, work: () => unknown): void {
    if (this.#stop.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void work();
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Posts; where `again` asks for it, posts again in the background, each time after a longer while. */
  async postPersistently(
    post: Post,
    again: (status: number) => boolean,
    retries: number,
    waitMs: number,
  ): Promise<number> {
    const status = await this.post(post);
    if (retries > 0 && again(status)) {
      this.later(waitMs, () => this.postPersistently(post, again, retries - 1, waitMs * 2));
    }
    return status;
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
