import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, fetchToken, type Answer, type CallOptions } from '../../local/http-client.ts';
import { UrlsSchema, type Urls } from './stack.ts';

/** Where the stack of all tests is; a test with a stack of its own passes that one's. */
export const sharedUrls = (): Urls => UrlsSchema.parse(JSON.parse(process.env.TEST_URLS ?? '{}'));

/** A tenant that no other test knows. */
export const newTenant = (): string => `test-${randomBytes(6).toString('hex')}`;

interface Grant {
  readonly tenant: string;
  readonly user?: string;
  readonly role?: 'admin' | 'manager' | 'agent';
  readonly name?: string;
  readonly email?: string;
  /** Seconds. */
  readonly expires_in?: string;
}

/** A token of the identity provider; role admin unless said otherwise. */
export const token = (grant: Grant, urls = sharedUrls()): Promise<string> =>
  fetchToken(urls.identity, { user: 'ana', role: 'admin', ...grant });

export interface Api {
  get(path: string, headers?: CallOptions['headers']): Promise<Answer>;
  post(path: string, body?: unknown, headers?: CallOptions['headers']): Promise<Answer>;
  put(path: string, body?: unknown, headers?: CallOptions['headers']): Promise<Answer>;
  patch(path: string, body?: unknown, headers?: CallOptions['headers']): Promise<Answer>;
  delete(path: string, headers?: CallOptions['headers'], body?: unknown): Promise<Answer>;
}

/** The API as the token's owner sees it; as a stranger does without one. */
export const api = (accessToken?: string, urls = sharedUrls()): Api => {
  const send = (method: string, path: string, body: unknown, headers: CallOptions['headers'] = {}): Promise<Answer> =>
    call(method, `${urls.api}${path}`, {
      body,
      headers: { ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }), ...headers },
    });
  return {
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, headers, body) => send('DELETE', path, body, headers),
  };
};

/** The providers' side. */
export const simulator = (urls = sharedUrls()) => {
  const at = (path: string) => `${urls.simulator}/simulator/${path}`;
  return {
    /** The customer writes; the answer says what the API answered to the webhook. */
    inbound: (message: Readonly<Record<string, unknown>>) => call('POST', at('inbound'), { body: message }),
    outbox: (query: Readonly<Record<string, string>> = {}) =>
      call('GET', at(`outbox?${new URLSearchParams(query).toString()}`)),
    setFaults: (faults: Readonly<Record<string, unknown>>) => call('PUT', at('faults'), { body: faults }),
    clearFaults: () => call('DELETE', at('faults')),
  };
};

/**
 * Tries until it does not throw, and gives what it returns: for what happens a moment later.
 *
 * @throws what the last try threw
 */
export const eventually = async <Result>(
  attempt: () => Promise<Result> | Result,
  timeoutMs = 20_000,
): Promise<Result> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
};
