import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import type { Webhook } from '../provider.ts';
import type { TwilioCredentials } from './credentials.ts';
import { parseForm } from './form.ts';

/**
 * Did Twilio sign this? Compared in constant time by the library, over the URL and the form's fields, or over the URL
 * and the body's hash where the URL carries one (JSON bodies).
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export const verifyTwilio = (credentials: TwilioCredentials, webhook: Webhook): boolean => {
  const signature = webhook.headers['x-twilio-signature'];
  if (!signature || !URL.canParse(webhook.url)) return false;
  const hashed = new URL(webhook.url).searchParams.has('bodySHA256');
  const { authToken, previous } = credentials;
  const tokens =
    previous !== undefined && webhook.receivedAt < previous.until ? [authToken, previous.authToken] : [authToken];
  return tokens.some((token) => {
    if (token === '') return false;
    return hashed
      ? validateRequestWithBody(token, signature, webhook.url, webhook.body)
      : validateRequest(token, signature, webhook.url, parseForm(webhook.body));
  });
};
