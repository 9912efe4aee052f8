import * as z from 'zod';
import { unanswered } from '../network.ts';
import type { OutboundMessage, ProviderSettings, SendOutcome } from '../provider.ts';
import { toTwilioAddress } from './addresses.ts';
import type { TwilioCredentials } from './credentials.ts';
import { failureCode, isAccountFault, isOptOutCode, rateLimitWait } from './error-codes.ts';

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
const CreatedSchema = z.object({ sid: z.string().regex(/^[SM]M[0-9a-f]{32}$/i) });

/** The library's RestException. https://www.twilio.com/docs/usage/twilios-response#errors */
const RestExceptionSchema = z.object({
  status: z.number(),
  code: z.union([z.number(), z.string()]).nullish(),
  message: z.string().catch(''),
});

/** https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder */
const contentForm = ({ content }: OutboundMessage): Record<string, string> =>
  content === undefined || content === null
    ? {}
    : { ContentSid: content.contentSid, ContentVariables: JSON.stringify(content.variables) };

const form = (message: OutboundMessage) => ({
  ...addressed(message),
  ...contentForm(message),
});

const addressed = ({ transport, from, to, text, media, statusCallbackUrl }: OutboundMessage) => ({
  To: toTwilioAddress(transport, to),
  From: toTwilioAddress(transport, from),
  ...(text === '' ? {} : { Body: text }),
  ...(media.length === 0 ? {} : { MediaUrl: media.map(({ url }) => url) }),
  StatusCallback: statusCallbackUrl,
});

/** What an answer other than 2xx says about the message. */
const refusal = (exception: z.infer<typeof RestExceptionSchema>, retryAfter: string | undefined): SendOutcome => {
  const { status, message } = exception;
  const code = exception.code === null || exception.code === undefined ? undefined : String(exception.code);
  const detail = message === '' ? `Twilio answered ${status}` : message;
  const retryAfterSeconds = rateLimitWait(status, code, retryAfter);
  // Twilio limits an account's concurrency and a number's queue, never one recipient.
  if (retryAfterSeconds !== undefined) return { kind: 'rate-limited', retryAfterSeconds, scope: 'channel' };
  if (isAccountFault(status, code)) return { kind: 'channel-fault', code: code ?? `http-${status}`, detail };
  // 408 says that the request was not read in time, not that it was not carried out; 3xx are not Twilio's.
  if (status < 400 || status >= 500 || status === 408)
    return { kind: 'ambiguous', detail: `Twilio answered ${status}` };
  return { kind: 'refused', code: failureCode(code ?? `http-${status}`), detail, optedOut: isOptOutCode(code ?? '') };
};

/** Asks Twilio once to send this message. */
export const sendTwilio = async (
  credentials: TwilioCredentials,
  message: OutboundMessage,
  settings: ProviderSettings,
): Promise<SendOutcome> => {
  // Loaded on first use: webhooks, which share this module, never need the client.
  const { openTwilio } = await import('./rest.ts');
  const rest = openTwilio(credentials, settings);
  try {
    const created = CreatedSchema.safeParse(
      await rest.post(`/Accounts/${credentials.accountSid}/Messages.json`, form(message)),
    );
    const httpStatus = rest.lastStatus();
    return created.success
      ? { kind: 'accepted', providerMessageId: created.data.sid, httpStatus }
      : { kind: 'ambiguous', detail: 'Twilio accepted without naming the message', httpStatus };
  } catch (error) {
    const exception = RestExceptionSchema.safeParse(error);
    return exception.success
      ? { ...refusal(exception.data, rest.lastRetryAfter()), httpStatus: exception.data.status }
      : unanswered(error);
  }
};
