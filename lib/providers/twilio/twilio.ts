import type { Provider, ProviderSettings } from '../provider.ts';
import { connectTwilio, probeTwilio } from './account.ts';
import { twilioArchive } from './archive.ts';
import { TwilioCredentialsSchema, type TwilioCredentials } from './credentials.ts';
import { fetchTwilioMedia } from './fetch-media.ts';
import { findSentTwilio } from './find-sent.ts';
import { parseTwilioInbound } from './inbound.ts';
import { checkTwilioLimits } from './limits.ts';
import { parseTwilioReport } from './report.ts';
import { sendTwilio } from './send.ts';
import { verifyTwilio } from './verify.ts';

/** SMS, MMS and WhatsApp through Twilio's Messaging API. */
export const twilioProvider = (settings: ProviderSettings): Provider<TwilioCredentials> => ({
  name: 'twilio',
  transports: ['sms', 'whatsapp'],
  credentials: TwilioCredentialsSchema,
  connect: (credentials, { address }) => connectTwilio(credentials, address, settings),
  // Nothing was set up at Twilio, so there is nothing to undo.
  disconnect: () => Promise.resolve(),
  probe: (credentials) => probeTwilio(credentials, settings),
  checkLimits: checkTwilioLimits,
  send: (credentials, message) => sendTwilio(credentials, message, settings),
  findSent: (credentials, search) => findSentTwilio(credentials, search, settings),
  archive: twilioArchive(settings),
  fetchMedia: (credentials, reference, maxBytes) => fetchTwilioMedia(credentials, reference, maxBytes, settings),
  verify: verifyTwilio,
  parseInbound: parseTwilioInbound,
  parseReport: parseTwilioReport,
});
