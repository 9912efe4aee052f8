import { download, downloadDeadline } from '../download.ts';
import type { FetchedMedia, ProviderSettings } from '../provider.ts';
import type { TwilioCredentials } from './credentials.ts';

/** As `readMedia` keeps it: ids, and nothing that a payload could use to lead somewhere else. */
const REFERENCE = /^(?<account>AC[0-9a-f]{32})\/(?<message>[SM]M[0-9a-f]{32})\/(?<media>ME[0-9a-f]{32})$/i;

/** Twilio answers with the address of its content network, which may lead on once more. */
const MAX_REDIRECTS = 3;

const UNEXPECTED: FetchedMedia = { kind: 'unavailable', detail: 'the provider led to an address of another kind' };

/** Where an answer leads, if over TLS; where Twilio itself is reached without (on one machine), without will do. */
const redirectTarget = (location: string, from: string, { apiBase }: ProviderSettings): string | undefined => {
  if (!URL.canParse(location, from)) return undefined;
  const { protocol, href } = new URL(location, from);
  return protocol === 'https:' || (protocol === 'http:' && apiBase.startsWith('http:')) ? href : undefined;
};

/**
 * Fetches a file from Twilio, as the account that got it, and from where Twilio's answer leads, as nobody.
 * https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource
 */
export const fetchTwilioMedia = async (
  { accountSid, authToken }: TwilioCredentials,
  reference: string,
  maxBytes: number,
  settings: ProviderSettings,
): Promise<FetchedMedia> => {
  const ids = REFERENCE.exec(reference)?.groups;
  if (!ids)
    return { kind: 'refused', code: 'attachment.unknown', detail: 'The provider did not say which file it is.' };
  const signal = downloadDeadline(settings.timeoutMs);
  const { account, message, media } = ids;
  let url = `${settings.apiBase}/2010-04-01/Accounts/${account}/Messages/${message}/Media/${media}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  let headers: Record<string, string> = { authorization };
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await download(url, { headers, maxBytes, signal });
    if (answer.kind !== 'redirect') return answer;
    const target = redirectTarget(answer.location, url, settings);
    if (target === undefined) return UNEXPECTED;
    url = target;
    headers = {};
  }
  return UNEXPECTED;
};
