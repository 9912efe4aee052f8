import { TwilioCredentialsSchema } from '../../lib/providers/twilio/credentials.ts';
import type { SimulatedChannel, Simulator } from './channel.ts';
import { NO_ANSWER } from './delivery.ts';
import { roll } from './faults.ts';
import { hostFile } from './hosted-media.ts';
import type { Delivered, Inbound } from './inbound-request.ts';
import { newSid } from './state.ts';
import { signedPost } from './twilio-callbacks.ts';
import { API } from './twilio-resources.ts';

/** Twilio's default keywords, with what Advanced Opt-Out calls them. https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ...['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'].map((word) => [word, 'STOP'] as const),
  ...['START', 'UNSTOP'].map((word) => [word, 'START'] as const),
  ['HELP', 'HELP'],
]);

/** Which failures Twilio repeats a webhook for: only what the address asks for behind `#`. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const retryPolicy = (address: string): { retries: number; again: (status: number) => boolean } => {
  const asked = new URLSearchParams(address.split('#')[1] ?? '');
  const policies = (asked.get('rp') ?? 'ct').split(',');
  const on = (name: string): boolean => policies.includes(name) || policies.includes('all');
  return {
    retries: Math.min(Number(asked.get('rc') ?? 0) || 0, 5),
    again: (status) =>
      (status === NO_ANSWER && (on('ct') || on('rt'))) ||
      (status >= 500 && on('5xx')) ||
      (status >= 400 && status < 500 && on('4xx')),
  };
};

type Form = Record<string, string>;

const mediaFields = async (
  { state, url }: Simulator,
  account: string,
  sid: string,
  media: Inbound['media'],
): Promise<Form> => {
  const files = await Promise.all(media.map((item) => hostFile(state, item)));
  const fields: readonly (readonly [string, string])[] = files.flatMap(({ id, contentType }, index) => [
    [`MediaUrl${index}`, `${url()}${API}/Accounts/${account}/Messages/${sid}/Media/${id}`],
    [`MediaContentType${index}`, contentType],
  ]);
  return Object.fromEntries([['NumMedia', String(files.length)], ...fields]);
};

/** https://www.twilio.com/docs/messaging/guides/webhook-request */
const formOf = async (
  simulator: Simulator,
  channel: SimulatedChannel,
  account: string,
  sid: string,
  inbound: Inbound,
): Promise<Form> => {
  const prefix = channel.transport === 'whatsapp' ? 'whatsapp:' : '';
  const number = inbound.from.replace(/^whatsapp:/, '');
  const keyword = KEYWORDS.get(inbound.text.trim().toUpperCase());
  const extra = Object.entries(inbound.fields).map(([name, value]) => [name, String(value)] as const);
  return {
    ToCountry: 'US',
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: 'received',
    Body: inbound.text,
    FromCountry: 'US',
    To: `${prefix}${channel.address}`,
    NumSegments: '1',
    MessageSid: sid,
    AccountSid: account,
    From: `${prefix}${number}`,
    ApiVersion: '2010-04-01',
    ...(prefix === '' ? {} : { ProfileName: inbound.name ?? '', WaId: number.replace(/^\+/, ''), MessageType: 'text' }),
    ...(prefix === '' && keyword !== undefined ? { OptOutType: keyword } : {}),
    ...(await mediaFields(simulator, account, sid, inbound.media)),
    ...Object.fromEntries(extra),
  };
};

const remember = ({ state }: Simulator, form: Form, media: number): void => {
  const { MessageSid: sid = '', AccountSid: account = '', From: from = '', To: to = '', Body: body = '' } = form;
  if (form.OptOutType === 'STOP' || form.OptOutType === 'START') {
    state.record({ type: 'opt-out', from, to, optedOut: form.OptOutType === 'STOP' });
  }
  if (state.message(sid)) return;
  const files = Array.from({ length: media }, (_, index) => form[`MediaUrl${index}`] ?? '');
  const at = new Date().toISOString();
  state.record({ type: 'twilio-message', sid, account, direction: 'inbound', from, to, body, media: files, at });
};

/** Posts an incoming message to the channel's own address, or to the bare one when it was addressed by number. */
export const twilioInbound = async (
  simulator: Simulator,
  channel: SimulatedChannel,
  inbound: Inbound,
): Promise<Delivered> => {
  const { accountSid, authToken } = TwilioCredentialsSchema.parse(channel.credentials);
  const sid = inbound.sid ?? newSid(inbound.media.length > 0 ? 'MM' : 'SM');
  const form = await formOf(simulator, channel, accountSid, sid, inbound);
  remember(simulator, form, inbound.media.length);
  if (roll(simulator.faults.of('twilio', inbound.from.replace(/^whatsapp:/, '')).dropInbound))
    return { statuses: [], ids: { sid }, dropped: true };
  const bare = `${simulator.options.apiBase}/crm/webhooks/twilio`;
  const address = inbound.channelId === undefined ? bare : channel.webhookUrl;
  const { retries, again } = retryPolicy(channel.webhookUrl);
  const post = signedPost(address, authToken, form);
  const statuses = await Promise.all(
    Array.from({ length: inbound.times }, () => simulator.deliveries.postPersistently(post, again, retries, 500)),
  );
  return { statuses, ids: { sid } };
};
