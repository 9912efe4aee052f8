import BaseTwilio from 'twilio/lib/base/BaseTwilio.js';
import DomainModule from 'twilio/lib/base/Domain.js';
import RequestClient from 'twilio/lib/base/RequestClient.js';
import VersionModule from 'twilio/lib/base/Version.js';
import * as z from 'zod';
import { providerAgent, within } from '../network.ts';
import type { ProviderSettings } from '../provider.ts';
import type { TwilioCredentials } from './credentials.ts';

/**
 * Twilio compiles `export default` to CommonJS: Node and esbuild hand over the whole exports object, while TypeScript
 * believes in the class.
 */
const DomainClass = (exported: typeof DomainModule | { default: typeof DomainModule }): typeof DomainModule =>
  typeof exported === 'function' ? exported : exported.default;
const VersionClass = (exported: typeof VersionModule | { default: typeof VersionModule }): typeof VersionModule =>
  typeof exported === 'function' ? exported : exported.default;
const Domain = DomainClass(DomainModule);
const Version = VersionClass(VersionModule);

/** A client for one call: only so does `lastRetryAfter` belong to that call. The connections are shared. */
export interface TwilioRest {
  /** Answers with the decoded body of a 2xx; throws the library's RestException otherwise. */
  post(uri: string, data: Readonly<Record<string, string | string[]>>): Promise<unknown>;
  /** Answers whatever the status. `uri` as Twilio writes it in `next_page_uri`, with the version. */
  get(uri: string, params?: Readonly<Record<string, string | number>>): Promise<{ statusCode: number; body: unknown }>;
  /** The status of the last answer. */
  lastStatus(): number;
  /** The Retry-After header of the last answer. */
  lastRetryAfter(): string | undefined;
}

const HeadersSchema = z.object({ 'retry-after': z.string().optional() });

export const API_VERSION = '2010-04-01';

/**
 * The official library's client, without the 3.6 MB of its products: their classes only name parameters, and importing
 * the message resource alone would bring all of the account's others along.
 * It neither retries nor follows redirects, and reads no region or edge from the environment: the base address decides.
 */
export const openTwilio = (credentials: TwilioCredentials, settings: ProviderSettings): TwilioRest => {
  const http = new RequestClient({ timeout: settings.timeoutMs, autoRetry: false });
  http.axios.defaults.httpsAgent = providerAgent(settings.timeoutMs);
  const client = new BaseTwilio.Client(credentials.accountSid, credentials.authToken, {
    httpClient: http,
    edge: '',
    region: '',
    logLevel: 'none',
  });
  const domain = new Domain(client, settings.apiBase);
  const version = new Version(domain, API_VERSION);
  return {
    post: (uri, data) => within(settings.timeoutMs, version.create({ uri, method: 'post', data })),
    get: (uri, params = {}) => within(settings.timeoutMs, domain.request({ uri, method: 'get', params })),
    lastStatus: () => http.lastResponse?.statusCode ?? 0,
    lastRetryAfter: () => HeadersSchema.safeParse(http.lastResponse?.headers).data?.['retry-after'],
  };
};
