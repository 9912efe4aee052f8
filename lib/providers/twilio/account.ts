import * as z from 'zod';
import { unanswered } from '../network.ts';
import type { ConnectOutcome, ProviderSettings } from '../provider.ts';
import { isE164, plainNumber } from './addresses.ts';
import type { TwilioCredentials } from './credentials.ts';

/** https://www.twilio.com/docs/iam/api/account#account-status-values */
const AccountSchema = z.object({ status: z.string() });

type AccountState =
  | { readonly kind: 'usable' }
  | { readonly kind: 'unusable'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/**
 * Do these credentials open an active account? Stand-ins for Twilio often lack this route, so 404 counts as usable:
 * the real Twilio answers 401 for an account that does not exist.
 */
const askAccount = async (credentials: TwilioCredentials, settings: ProviderSettings): Promise<AccountState> => {
  const { API_VERSION, openTwilio } = await import('./rest.ts');
  try {
    const { statusCode, body } = await openTwilio(credentials, settings).get(
      `/${API_VERSION}/Accounts/${credentials.accountSid}.json`,
    );
    if (statusCode >= 500 || statusCode === 429) {
      return { kind: 'unavailable', detail: `Twilio answered ${statusCode}` };
    }
    if (statusCode === 401 || statusCode === 403) {
      return { kind: 'unusable', detail: 'Twilio does not accept the account SID with this auth token.' };
    }
    const status = AccountSchema.safeParse(body).data?.status ?? 'active';
    return status === 'active' ? { kind: 'usable' } : { kind: 'unusable', detail: `The Twilio account is ${status}.` };
  } catch (error) {
    return { kind: 'unavailable', detail: unanswered(error).detail };
  }
};

/** Checks number and account. Twilio is not told where to deliver: a number's webhook is set where it is managed. */
export const connectTwilio = async (
  credentials: TwilioCredentials,
  address: string | undefined,
  settings: ProviderSettings,
): Promise<ConnectOutcome> => {
  const number = plainNumber(address ?? '');
  if (!isE164(number)) {
    return { kind: 'refused', detail: 'A Twilio channel needs its number as address, in E.164 (+15005550006).' };
  }
  const account = await askAccount(credentials, settings);
  if (account.kind === 'usable') return { kind: 'connected', address: number };
  return { kind: account.kind === 'unusable' ? 'refused' : 'unavailable', detail: account.detail };
};

export const probeTwilio = async (
  credentials: TwilioCredentials,
  settings: ProviderSettings,
): Promise<AccountState['kind']> => (await askAccount(credentials, settings)).kind;
