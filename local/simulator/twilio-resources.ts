import type { TrackedMessage } from './state.ts';

export const API = '/2010-04-01';

/** Twilio's dates: `Thu, 24 Aug 2023 05:01:45 +0000`. */
const rfc2822 = (instant: string): string => new Date(instant).toUTCString().replace('GMT', '+0000');

const UNSENT = new Set(['queued', 'accepted', 'sending']);

/** https://www.twilio.com/docs/messaging/api/message-resource#message-properties */
export const messageResource = (message: TrackedMessage) => {
  const { sid, account, direction, from, to, body, media, status, errorCode, at, updatedAt } = message;
  const uri = `${API}/Accounts/${account}/Messages/${sid}`;
  return {
    account_sid: account,
    api_version: '2010-04-01',
    body,
    date_created: rfc2822(at),
    date_sent: UNSENT.has(status) ? null : rfc2822(at),
    date_updated: rfc2822(updatedAt),
    direction,
    error_code: errorCode ?? null,
    error_message: errorCode === undefined ? null : 'The simulator was asked to fail this message.',
    from,
    messaging_service_sid: null,
    num_media: String(media.length),
    num_segments: String(Math.max(1, Math.ceil(body.length / 153))),
    price: null,
    price_unit: 'USD',
    sid,
    status,
    subresource_uris: { media: `${uri}/Media.json` },
    to,
    uri: `${uri}.json`,
  };
};

/** https://www.twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources */
export const mediaPage = (
  { sid, account, media }: TrackedMessage,
  contentTypeOf: (id: string) => string | undefined,
) => ({
  media_list: media.map((address) => {
    const id = new URL(address).pathname.split('/').at(-1) ?? '';
    return {
      sid: id,
      account_sid: account,
      parent_sid: sid,
      content_type: contentTypeOf(id) ?? 'application/octet-stream',
      uri: `${API}/Accounts/${account}/Messages/${sid}/Media/${id}.json`,
    };
  }),
  next_page_uri: null,
});

/** https://www.twilio.com/docs/iam/api/account */
export const accountResource = (sid: string) => ({
  sid,
  friendly_name: 'Simulated account',
  status: 'active',
  type: 'Full',
  owner_account_sid: sid,
  date_created: rfc2822('2024-01-01T00:00:00Z'),
  date_updated: rfc2822('2024-01-01T00:00:00Z'),
  uri: `${API}/Accounts/${sid}.json`,
});

const sentOn = (message: TrackedMessage): string => new Date(message.at).toISOString().slice(0, 10);

/** Twilio's filters; `DateSent>` and `DateSent<` mean on or after, on or before. */
export const matchesFilters = (message: TrackedMessage, query: URLSearchParams): boolean => {
  const day = sentOn(message);
  const after = query.get('DateSent>')?.slice(0, 10);
  const before = query.get('DateSent<')?.slice(0, 10);
  const on = query.get('DateSent')?.slice(0, 10);
  return (
    (query.get('To') ?? message.to) === message.to &&
    (query.get('From') ?? message.from) === message.from &&
    (!after || day >= after) &&
    (!before || day <= before) &&
    (!on || day === on)
  );
};

/** https://www.twilio.com/docs/usage/twilios-response#pagination */
export const messagePage = (account: string, messages: readonly TrackedMessage[], query: URLSearchParams) => {
  const size = Math.min(Math.max(Number(query.get('PageSize') ?? 50) || 50, 1), 1_000);
  const page = Math.max(Number(query.get('Page') ?? 0) || 0, 0);
  const uriOf = (wanted: number): string => {
    const params = new URLSearchParams(query);
    params.set('PageSize', String(size));
    params.set('Page', String(wanted));
    return `${API}/Accounts/${account}/Messages.json?${params.toString()}`;
  };
  const shown = messages.slice(page * size, (page + 1) * size);
  return {
    messages: shown.map(messageResource),
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(shown.length - 1, 0),
    uri: uriOf(page),
    first_page_uri: uriOf(0),
    previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    next_page_uri: (page + 1) * size < messages.length ? uriOf(page + 1) : null,
  };
};
