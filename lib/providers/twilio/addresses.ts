import type { Transport } from '../../contract/vocabulary.ts';

const WHATSAPP = 'whatsapp:';

/** A number as Twilio writes it: WhatsApp's carry a prefix. https://www.twilio.com/docs/whatsapp/api */
export const toTwilioAddress = (transport: Transport, number: string): string =>
  transport === 'whatsapp' ? `${WHATSAPP}${plainNumber(number)}` : plainNumber(number);

/** The number without the prefix. */
export const plainNumber = (address: string): string =>
  address.startsWith(WHATSAPP) ? address.slice(WHATSAPP.length) : address;

/** Which transport an address belongs to; the likes of `messenger:` and `rcs:` are none of ours. */
export const transportOf = (address: string): 'sms' | 'whatsapp' | undefined => {
  if (address.startsWith(WHATSAPP)) return 'whatsapp';
  return address.includes(':') ? undefined : 'sms';
};

/** E.164. Short codes and names, which cannot be a client's number, are not. */
export const isE164 = (number: string): boolean => /^\+[1-9]\d{6,14}$/.test(number);
