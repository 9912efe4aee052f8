import { randomBytes, randomInt } from 'node:crypto';

const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('');

/** A customer's phone number, as E.164. */
export const newPhone = (): string => `+99890${digits(7)}`;

/** A number of the business, as E.164. */
export const newNumber = (): string => `+1415${digits(7)}`;

export const newAccountSid = (): string => `AC${randomBytes(16).toString('hex')}`;

interface TwilioCredentials {
  readonly accountSid: string;
  readonly authToken: string;
}

export const newTwilioCredentials = (): TwilioCredentials => ({
  accountSid: newAccountSid(),
  authToken: `token of ${newAccountSid()}`,
});

export const newBotToken = (): string => `${randomInt(1e9, 9e9)}:${randomBytes(18).toString('base64url')}`;

/** A Telegram user's id. */
export const newTelegramUser = (): number => randomInt(1e8, 9e9);

/** A value that nobody else has. */
export const unique = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;
