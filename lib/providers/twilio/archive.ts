import * as z from 'zod';
import { unanswered } from '../network.ts';
import type { ArchiveSearch, InboundUpdate, ProviderArchive, ProviderSettings, ReceivedRecord } from '../provider.ts';
import { toTwilioAddress } from './addresses.ts';
import type { TwilioCredentials } from './credentials.ts';
import { parseTwilioInbound } from './inbound.ts';
import { parseTwilioReport } from './report.ts';
import type { TwilioRest } from './rest.ts';

/** https://www.twilio.com/docs/messaging/api/message-resource#message-properties */
const MessageSchema = z.object({
  sid: z.string(),
  direction: z.string(),
  from: z.string(),
  to: z.string(),
  body: z.string().nullable(),
  status: z.string(),
  error_code: z.coerce.string().nullish(),
  error_message: z.string().nullish(),
  num_media: z.coerce.number().catch(0),
  date_created: z.string(),
  date_sent: z.string().nullish(),
});
type Listed = z.infer<typeof MessageSchema>;

const PageSchema = z.object({ messages: z.array(MessageSchema), next_page_uri: z.string().nullish() });

/** https://www.twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources */
const MediaListSchema = z.object({
  media_list: z.array(z.object({ sid: z.string(), content_type: z.string() })),
});

const PAGE_SIZE = 1_000;
/** A number takes a message a second or so, and a day has 86,400 of them. */
const MAX_PAGES = 100;
const DAY_MS = 24 * 3600 * 1000;

const timeOf = ({ date_sent, date_created }: Listed): number => Date.parse(date_sent ?? date_created);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

class Unanswered extends Error {
  override name = 'Unanswered';
}

const read = async <Schema extends z.ZodType>(
  schema: Schema,
  answer: ReturnType<TwilioRest['get']>,
): Promise<z.output<Schema>> => {
  const { statusCode, body } = await answer;
  if (statusCode !== 200) throw new Unanswered(`Twilio answered ${statusCode}`);
  return schema.parse(body);
};

const unavailable = (error: unknown) =>
  ({
    kind: 'unavailable',
    detail: error instanceof Unanswered ? error.message : unanswered(error).detail,
  }) as const;

const messagesUri = (version: string, { accountSid }: TwilioCredentials): string =>
  `/${version}/Accounts/${accountSid}/Messages.json`;

/**
 * Everything that came to this number between two times. The filter knows days alone, and is asked for one more than is
 * needed, whose clock it goes by.
 */
const listReceived = async (rest: TwilioRest, uri: string, search: ArchiveSearch): Promise<Listed[]> => {
  const [from, until] = [Date.parse(search.from), Date.parse(search.until)];
  const To = toTwilioAddress(search.transport, search.address);
  const found: Listed[] = [];
  let answer = rest.get(uri, {
    To,
    'DateSent>': dayOf(from),
    'DateSent<': dayOf(until + DAY_MS),
    PageSize: PAGE_SIZE,
  });
  for (let pages = 1; ; pages += 1) {
    const { messages, next_page_uri } = await read(PageSchema, answer);
    found.push(
      ...messages.filter(
        (message) =>
          message.direction === 'inbound' && message.to === To && timeOf(message) >= from && timeOf(message) < until,
      ),
    );
    if (!next_page_uri || messages.every((message) => timeOf(message) < from)) return found;
    if (pages === MAX_PAGES) throw new Unanswered('Twilio lists too many messages');
    answer = rest.get(next_page_uri);
  }
};

const withoutNulls = (fields: Readonly<Record<string, string | null | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

const formOf = (listed: Listed, account: string): Record<string, string> =>
  withoutNulls({
    MessageSid: listed.sid,
    AccountSid: account,
    From: listed.from,
    To: listed.to,
    Body: listed.body ?? '',
    NumMedia: String(listed.num_media),
  });

/** A listed message as its webhook would have told it, but for the client's name on WhatsApp, which no list holds. */
const recordOf = (listed: Listed, account: string): ReceivedRecord => ({
  providerMessageId: listed.sid,
  at: new Date(timeOf(listed)).toISOString(),
  files: listed.num_media,
  form: formOf(listed, account),
});

const mediaFields = async (
  rest: TwilioRest,
  version: string,
  { accountSid }: TwilioCredentials,
  sid: string,
): Promise<Record<string, string>> => {
  const base = `/${version}/Accounts/${accountSid}/Messages/${sid}/Media`;
  const { media_list: files } = await read(MediaListSchema, rest.get(`${base}.json`));
  const fields = files.flatMap((file, index): [string, string][] => [
    [`MediaUrl${index}`, `https://api.twilio.com${base}/${file.sid}`],
    [`MediaContentType${index}`, file.content_type],
  ]);
  return { NumMedia: String(files.length), ...Object.fromEntries(fields) };
};

const webhookOf = (form: Readonly<Record<string, string>>) => ({
  url: '',
  headers: {},
  body: new URLSearchParams(form).toString(),
  receivedAt: '',
});

const timed = (update: InboundUpdate, at: string): InboundUpdate =>
  update.kind === 'message' ? { ...update, providerTime: at } : update;

/** What Twilio keeps of a number's messages, for a year and more. */
export const twilioArchive = (settings: ProviderSettings): ProviderArchive<TwilioCredentials> => ({
  listReceived: async (credentials, search) => {
    const { API_VERSION, openTwilio } = await import('./rest.ts');
    try {
      const rest = openTwilio(credentials, settings);
      const listed = await listReceived(rest, messagesUri(API_VERSION, credentials), search);
      // Newest first, as listed; turned round, those of one second keep their order.
      const records = listed.toReversed().toSorted((one, other) => timeOf(one) - timeOf(other));
      return { kind: 'listed', records: records.map((each) => recordOf(each, credentials.accountSid)) };
    } catch (error) {
      return unavailable(error);
    }
  },

  completeReceived: async (credentials, { providerMessageId, at, files, form }) => {
    const { API_VERSION, openTwilio } = await import('./rest.ts');
    try {
      const media =
        files === 0
          ? {}
          : await mediaFields(openTwilio(credentials, settings), API_VERSION, credentials, providerMessageId);
      const webhook = webhookOf({ ...form, ...media });
      return { kind: 'complete', update: timed(parseTwilioInbound(webhook), at), raw: webhook.body };
    } catch (error) {
      return unavailable(error);
    }
  },

  listReports: async (credentials, search, page) => {
    const { API_VERSION, openTwilio } = await import('./rest.ts');
    const [from, until] = [Date.parse(search.from), Date.parse(search.until)];
    const From = toTwilioAddress(search.transport, search.address);
    try {
      const rest = openTwilio(credentials, settings);
      const first = () => rest.get(messagesUri(API_VERSION, credentials), { From, PageSize: PAGE_SIZE });
      // Not filtered by DateSent: what failed on the way was never sent.
      const { messages, next_page_uri } = await read(PageSchema, page === null ? first() : rest.get(page));
      const within = messages.filter(
        (message) => message.from === From && timeOf(message) >= from && timeOf(message) < until,
      );
      const reports = within.flatMap(({ sid, status, error_code, error_message }) => {
        const form = { MessageSid: sid, MessageStatus: status, ErrorCode: error_code, ErrorMessage: error_message };
        return parseTwilioReport(webhookOf(withoutNulls(form))) ?? [];
      });
      const passed = messages.every((message) => timeOf(message) < from);
      return { kind: 'listed', reports, next: passed ? null : (next_page_uri ?? null) };
    } catch (error) {
      return unavailable(error);
    }
  },
});
