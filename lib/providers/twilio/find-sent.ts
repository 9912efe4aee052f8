import * as z from 'zod';
import { unanswered } from '../network.ts';
import type { ProviderSettings, SentSearch, SentSearchResult } from '../provider.ts';
import { toTwilioAddress } from './addresses.ts';
import type { TwilioCredentials } from './credentials.ts';
import type { TwilioRest } from './rest.ts';

/** https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources */
const PageSchema = z.object({
  messages: z.array(
    z.object({
      sid: z.string(),
      body: z.string().nullable(),
      date_created: z.string(),
      num_media: z.coerce.number().catch(0),
    }),
  ),
  next_page_uri: z.string().nullish(),
});
type Listed = z.infer<typeof PageSchema>['messages'][number];

const PAGE_SIZE = 50;
/** 500 messages to one client since an attempt that ended minutes ago: beyond it, better no answer than a wrong one. */
const MAX_PAGES = 10;
/** Twilio's clock may be behind ours, and its times are whole seconds. */
const CLOCK_SKEW_MS = 5_000;
const TRIAL_PREFIX = 'Sent from your Twilio trial account - ';

const createdAt = ({ date_created }: Listed): number => Date.parse(date_created);

const sameText = (sent: string | null, text: string): boolean => {
  const body = (sent ?? '').trim();
  return body === text.trim() || body === `${TRIAL_PREFIX}${text}`.trim();
};

/** What Twilio made of a template is not known here: of what an address got in that time, any may be it. */
const isTemplate = ({ content }: SentSearch): boolean => content !== undefined && content !== null;

/** A message that carries files is not one that carried none. The other way round says nothing: files are counted late. */
const mayBe = ({ body, num_media: files }: Listed, search: SentSearch): boolean =>
  (isTemplate(search) || sameText(body, search.text)) && (search.files > 0 || files === 0);

/**
 * Every message to this number from this one since `from`, newest first. DateSent is not among the filters: a message
 * still queued has none, and leaving it out would look as if it had never been accepted.
 */
const listSince = async (rest: TwilioRest, first: () => ReturnType<TwilioRest['get']>, from: number) => {
  const found: Listed[] = [];
  let answer = await first();
  for (let pages = 1; ; pages += 1) {
    if (answer.statusCode !== 200) throw new Error(`Twilio answered ${answer.statusCode}`);
    const page = PageSchema.parse(answer.body);
    found.push(...page.messages.filter((message) => createdAt(message) >= from));
    const passed = page.messages.every((message) => createdAt(message) < from);
    if (passed || !page.next_page_uri) return found;
    if (pages === MAX_PAGES) throw new Error('too many messages');
    answer = await rest.get(page.next_page_uri);
  }
};

/** Which messages does Twilio hold that this attempt may have made? Oldest first. */
export const findSentTwilio = async (
  credentials: TwilioCredentials,
  search: SentSearch,
  settings: ProviderSettings,
): Promise<SentSearchResult> => {
  const { API_VERSION, openTwilio } = await import('./rest.ts');
  const rest = openTwilio(credentials, settings);
  const uri = `/${API_VERSION}/Accounts/${credentials.accountSid}/Messages.json`;
  const params = {
    To: toTwilioAddress(search.transport, search.to),
    From: toTwilioAddress(search.transport, search.from),
    PageSize: PAGE_SIZE,
  };
  try {
    const listed = await listSince(rest, () => rest.get(uri, params), Date.parse(search.since) - CLOCK_SKEW_MS);
    const candidates = listed.filter((message) => mayBe(message, search));
    const oldestFirst = candidates.reverse().sort((one, other) => createdAt(one) - createdAt(other));
    return { kind: 'listed', providerMessageIds: oldestFirst.map(({ sid }) => sid) };
  } catch (error) {
    return { kind: 'unavailable', detail: unanswered(error).detail };
  }
};
