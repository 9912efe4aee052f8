import * as z from 'zod';
import type { InboundMessage, InboundUpdate, Webhook } from '../provider.ts';
import { isE164, plainNumber, transportOf } from './addresses.ts';
import { firstValues, parseForm } from './form.ts';
import { readMedia } from './media.ts';

/** The fields used here; others are many and change. https://www.twilio.com/docs/messaging/guides/webhook-request */
const InboundSchema = z.object({
  MessageSid: z.string().min(1),
  From: z.string().min(1),
  Body: z.string().default(''),
  ProfileName: z.string().default(''),
  OptOutType: z.string().optional(),
  Latitude: z.string().optional(),
  Longitude: z.string().optional(),
  Label: z.string().default(''),
  Address: z.string().default(''),
});

type InboundFields = z.infer<typeof InboundSchema>;

/**
 * STOP and START change consent, HELP does not.
 * https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out#twilio-webhook
 */
const consentOf = ({ OptOutType }: InboundFields): Pick<InboundMessage, 'consent'> => {
  if (OptOutType === 'STOP') return { consent: 'opted-out' };
  if (OptOutType === 'START') return { consent: 'opted-in' };
  if (OptOutType === 'HELP') return { consent: 'unchanged' };
  return {};
};

/** WhatsApp gives one name; the first word of it is taken for the first name. SMS gives none. */
const senderOf = (address: string, profileName: string): InboundMessage['from'] => {
  const [firstName, ...rest] = profileName.trim().split(/\s+/);
  if (!firstName) return { address, firstName: address };
  return rest.length > 0 ? { address, firstName, lastName: rest.join(' ') } : { address, firstName };
};

/** What a message without words and files was: a shared place (WhatsApp), or a kind that Twilio does not pass on. */
const describeEmpty = ({ Latitude, Longitude, Label, Address }: InboundFields): string => {
  if (!Latitude || !Longitude) return 'Sent an empty message, or one of a kind that cannot be shown.';
  const place = [Label, Address].filter((part) => part !== '').join(', ');
  return `Shared a location: ${place === '' ? '' : `${place} `}(${Latitude}, ${Longitude})`;
};

/** Reads an incoming SMS or WhatsApp message. */
export const parseTwilioInbound = (webhook: Webhook): InboundUpdate => {
  const fields = firstValues(parseForm(webhook.body));
  const parsed = InboundSchema.safeParse({ ...fields, MessageSid: fields.MessageSid ?? fields.SmsSid });
  if (!parsed.success) return { kind: 'unparsable', reason: 'MessageSid or From is missing' };
  const transport = transportOf(parsed.data.From);
  const address = plainNumber(parsed.data.From);
  if (transport === undefined || !isE164(address)) {
    return { kind: 'unparsable', reason: 'the sender is not a phone number in E.164' };
  }
  const media = readMedia(fields);
  const empty = parsed.data.Body === '' && media.length === 0;
  return {
    kind: 'message',
    deduplicationId: parsed.data.MessageSid,
    providerMessageId: parsed.data.MessageSid,
    transport,
    from: senderOf(address, parsed.data.ProfileName),
    entry: empty ? 'system' : 'client',
    text: empty ? describeEmpty(parsed.data) : parsed.data.Body,
    media,
    ...consentOf(parsed.data),
  };
};
