/**
 * The recipient has replied STOP, or has blocked the sender on WhatsApp.
 * https://www.twilio.com/docs/api/errors/21610, 63014
 */
const OPTED_OUT = new Set(['21610', '63014']);

export const isOptOutCode = (code: string): boolean => OPTED_OUT.has(code);

/** More than 24 hours after the customer last wrote. https://www.twilio.com/docs/api/errors/63016 */
const WINDOW_CLOSED = '63016';

/** The code of a failure: Twilio's, or ours for what we know under a name of our own. */
export const failureCode = (code: string): string => (code === WINDOW_CLOSED ? 'whatsapp.window-closed' : code);

/**
 * The account itself is at fault: wrong credentials, suspended, no access. A wrong From number is not among them: it
 * refuses this message, and asking for the account (which is how a channel is probed) would not notice it.
 * https://www.twilio.com/docs/api/errors/20003, 20005, 20006
 */
const ACCOUNT_AT_FAULT = new Set(['20003', '20005', '20006']);

export const isAccountFault = (status: number, code: string | undefined): boolean =>
  status === 401 || (status === 403 && (code === undefined || ACCOUNT_AT_FAULT.has(code)));

/**
 * Refusals that pass, and after how many seconds to try again where Twilio does not say.
 * 20429 concurrency, 14107 and 63018 message rate, 21611 full queue of the From number, 63038 daily limit.
 * https://www.twilio.com/docs/api/errors
 */
const RATE_LIMITS = new Map([
  ['20429', 2],
  ['14107', 10],
  ['63018', 10],
  ['21611', 30],
  ['63038', 3_600],
]);

const DEFAULT_WAIT_SECONDS = 2;

/** How long to wait, or `undefined` when it was not about a rate. */
export const rateLimitWait = (
  status: number,
  code: string | undefined,
  retryAfter: string | undefined,
): number | undefined => {
  const known = code === undefined ? undefined : RATE_LIMITS.get(code);
  if (status !== 429 && known === undefined) return undefined;
  const told = Number(retryAfter);
  return Number.isFinite(told) && told > 0 ? Math.ceil(told) : (known ?? DEFAULT_WAIT_SECONDS);
};
