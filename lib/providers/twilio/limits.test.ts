import type { LimitedMessage } from '../provider.ts';
import { checkTwilioLimits } from './limits.ts';

const file = (contentType: string, megabytes = 1) => ({ name: `a file`, contentType, size: megabytes * 1_000_000 });
const check = (transport: 'sms' | 'whatsapp', message: Partial<LimitedMessage>) =>
  checkTwilioLimits({ transport, text: '', media: [], ...message });

const pictures = (count: number, megabytes: number) =>
  Array.from({ length: count }, () => file('image/png', megabytes));

describe("Twilio's limits", () => {
  it.each([
    ['a text of 1,600 characters', 'sms', { text: 'x'.repeat(1_600) }],
    ['ten pictures of 5 MB together, with a text', 'sms', { text: 'Look', media: pictures(10, 0.5) }],
    ['a PDF', 'sms', { media: [file('application/pdf')] }],
    ['a film of 16 MB with a text', 'whatsapp', { text: 'Look', media: [file('video/mp4', 16)] }],
    ['a document with a text', 'whatsapp', { text: 'Sign it', media: [file('application/pdf', 10)] }],
    ['a table without a text', 'whatsapp', { media: [file('text/csv')] }],
  ] as const)('are kept by %s', (_, transport, message) => {
    expect(check(transport, message)).toBeUndefined();
  });

  it.each([
    ['a longer text', 'sms', { text: 'x'.repeat(1_601), media: pictures(1, 1) }, 'message.too-long', '1600 characters'],
    ['an eleventh file', 'sms', { media: pictures(11, 0.1) }, 'message.too-many-files', '10 files'],
    ['a second file', 'whatsapp', { media: pictures(2, 0.1) }, 'message.too-many-files', '1 file a message'],
    ['more than 5 MB together', 'sms', { media: pictures(2, 2.6) }, 'message.files-too-large', '5 MB'],
    ['a film of more than 16 MB', 'whatsapp', { media: [file('video/mp4', 16.1)] }, 'message.files-too-large', '16 MB'],
    ['a picture of more than 5 MB', 'whatsapp', { media: pictures(1, 5.1) }, 'message.files-too-large', 'up to 5 MB'],
    ['a ZIP file', 'sms', { media: [file('application/zip')] }, 'message.file-type', 'application/zip'],
    ['a Word document', 'sms', { media: [file('application/msword')] }, 'message.file-type', 'MMS'],
    ['a plain text file', 'whatsapp', { media: [file('text/plain')] }, 'message.file-type', 'WhatsApp'],
    ['a table with a text', 'whatsapp', { text: 'a', media: [file('text/csv')] }, 'message.text-with-file', 'text/csv'],
  ] as const)('are broken by %s', (_, transport, message, code, named) => {
    const violation = check(transport, message);
    expect(violation?.code).toBe(code);
    expect(violation?.detail).toContain(named);
  });
});
