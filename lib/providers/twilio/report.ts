import * as z from 'zod';
import type { DeliveryReport, Webhook } from '../provider.ts';
import { firstValues, parseForm } from './form.ts';
import { failureCode, isOptOutCode } from './error-codes.ts';

/** https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks */
const ReportSchema = z.object({
  MessageSid: z.string().min(1),
  MessageStatus: z.enum(['sent', 'delivered', 'read', 'undelivered', 'failed']),
  ErrorCode: z.string().optional(),
  ErrorMessage: z.string().optional(),
  ChannelStatusMessage: z.string().optional(),
});

/** Reads a status callback. `undefined` for the stages before a message leaves Twilio, which tell nothing new. */
export const parseTwilioReport = (webhook: Webhook): DeliveryReport | undefined => {
  const fields = firstValues(parseForm(webhook.body));
  const parsed = ReportSchema.safeParse({
    ...fields,
    MessageSid: fields.MessageSid ?? fields.SmsSid,
    MessageStatus: fields.MessageStatus ?? fields.SmsStatus,
  });
  if (!parsed.success) return undefined;
  const { MessageSid, MessageStatus, ErrorCode, ErrorMessage, ChannelStatusMessage } = parsed.data;
  if (MessageStatus !== 'undelivered' && MessageStatus !== 'failed') {
    return { providerMessageId: MessageSid, status: MessageStatus };
  }
  const code = ErrorCode === undefined || ErrorCode === '' ? MessageStatus : ErrorCode;
  const detail = ErrorMessage ?? ChannelStatusMessage ?? `Twilio reports ${MessageStatus}`;
  return {
    providerMessageId: MessageSid,
    status: 'failed',
    error: { code: failureCode(code), detail, optedOut: isOptOutCode(code) },
  };
};
