import { json, type SimulatorAnswer } from './http.ts';

/** https://www.twilio.com/docs/usage/twilios-response#errors */
export const twilioError = (status: number, code: number, message: string, headers = {}): SimulatorAnswer =>
  json({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, status, headers);

interface Refusal {
  readonly code: number;
  readonly message: string;
}

/**
 * The numbers of Twilio's test credentials that are refused, and one more that has opted out.
 * https://www.twilio.com/docs/iam/test-credentials#test-sms-messages-parameters-To
 */
const MAGIC_TO: ReadonlyMap<string, Refusal> = new Map([
  ['+15005550001', { code: 21211, message: "The 'To' number +15005550001 is not a valid phone number." }],
  ['+15005550002', { code: 21612, message: 'Cannot route to this number.' }],
  ['+15005550003', { code: 21408, message: 'Permission to send an SMS has not been enabled for the region.' }],
  ['+15005550004', { code: 21610, message: 'Attempt to send to unsubscribed recipient' }],
  ['+15005550009', { code: 21614, message: "'To' number is not a valid mobile number" }],
  ['+15005550010', { code: 21610, message: 'Attempt to send to unsubscribed recipient' }],
]);

/** https://www.twilio.com/docs/iam/test-credentials#test-sms-messages-parameters-From */
const MAGIC_FROM: ReadonlyMap<string, Refusal> = new Map([
  ['+15005550001', { code: 21212, message: "The 'From' number +15005550001 is not a valid phone number." }],
  ['+15005550007', { code: 21606, message: "The 'From' phone number is not an SMS-capable number of your account." }],
  ['+15005550008', { code: 21611, message: "This 'From' number has exceeded the maximum number of queued messages" }],
]);

/** Taken, and not delivered: an unreachable handset and an unknown one. */
export const UNDELIVERABLE: ReadonlyMap<string, number> = new Map([
  ['+15005550011', 30003],
  ['+15005550012', 30005],
]);

export const plain = (address: string): string => address.replace(/^whatsapp:/, '');

/** What Twilio would refuse in this form. */
export const refusalOf = (form: URLSearchParams, optedOut: boolean): Refusal | undefined => {
  const [to, from, body] = [form.get('To') ?? '', form.get('From') ?? '', form.get('Body') ?? ''];
  if (to === '') return { code: 21604, message: "A 'To' phone number is required." };
  if (from === '') return { code: 21603, message: "A 'From' phone number is required." };
  if (body === '' && !form.has('MediaUrl') && !form.has('ContentSid'))
    return { code: 21602, message: 'Message body is required.' };
  if (body.length > 1_600)
    return { code: 21617, message: 'The concatenated message body exceeds the 1600 character limit' };
  const files = form.getAll('MediaUrl').length;
  if (files > 10) return { code: 21623, message: 'Number of media files exceeds allowed limit.' };
  if (!/^\+[1-9]\d{6,14}$/.test(plain(to))) {
    return { code: 21211, message: `The 'To' number ${to} is not a valid phone number.` };
  }
  if (to.startsWith('whatsapp:') !== from.startsWith('whatsapp:')) {
    return { code: 63007, message: 'Twilio could not find a Channel with the specified From address' };
  }
  if (optedOut) return { code: 21610, message: 'Attempt to send to unsubscribed recipient' };
  return MAGIC_TO.get(plain(to)) ?? MAGIC_FROM.get(plain(from));
};
