import { setTimeout as delay } from 'node:timers/promises';
import { fetchAttached } from './attached.ts';
import type { Simulator } from './channel.ts';
import { serveFile } from './hosted-media.ts';
import { json, type Route, type SimulatorAnswer, type SimulatorRequest } from './http.ts';
import type { Ask } from './journal.ts';
import { newSid } from './state.ts';
import { deliverWithCallbacks } from './twilio-callbacks.ts';
import { plain, refusalOf, twilioError } from './twilio-refusals.ts';
import { accountResource, API, matchesFilters, mediaPage, messagePage, messageResource } from './twilio-resources.ts';

const basicAuth = ({ headers }: SimulatorRequest): readonly [string, string] | undefined => {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return user && password ? [user, password] : undefined;
};

type Handler = (
  simulator: Simulator,
  request: SimulatorRequest,
  account: string,
) => SimulatorAnswer | Promise<SimulatorAnswer>;

/** Lets in whoever names the account of the path; a token with `invalid` in it is a wrong one. */
const authenticated =
  (simulator: Simulator, handler: Handler): Route['handle'] =>
  (request) => {
    const account = request.params.account ?? '';
    const [user, token] = basicAuth(request) ?? [];
    if (user !== account || token === undefined || token.includes('invalid'))
      return twilioError(401, 20003, 'Authenticate');
    if (simulator.state.accountToken(account) !== token)
      simulator.state.record({ type: 'twilio-account', sid: account, token });
    return handler(simulator, request, account);
  };

const notFound = ({ path }: SimulatorRequest): SimulatorAnswer =>
  twilioError(404, 20404, `The requested resource ${path} was not found`);

/** https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder */
const contentOf = (form: URLSearchParams) => {
  const [contentSid, contentVariables] = [form.get('ContentSid'), form.get('ContentVariables')];
  return {
    ...(contentSid === null ? {} : { contentSid }),
    ...(contentVariables === null ? {} : { contentVariables }),
  };
};

const WINDOW_MS = 24 * 3600 * 1000;

/** More than 24 hours after the customer last wrote on WhatsApp, it gets nothing but templates. */
const isOutsideWindow = ({ state, faults }: Simulator, form: URLSearchParams): boolean => {
  const [to, from] = [form.get('To') ?? '', form.get('From') ?? ''];
  if (!to.startsWith('whatsapp:') || form.has('ContentSid') || !faults.of('twilio', plain(to)).enforceWindow)
    return false;
  const isRecent = ({ at }: { at: string }) => Date.now() - Date.parse(at) < WINDOW_MS;
  return !state
    .allMessages()
    .some(
      (message) => message.direction === 'inbound' && message.from === to && message.to === from && isRecent(message),
    );
};

/** Writes down what was asked for, under the content that makes it the same or another message. */
const recordAsk = (
  { state }: Simulator,
  form: URLSearchParams,
  account: string,
  result: Pick<Ask, 'outcome' | 'at' | 'providerMessageId' | 'attachments'>,
): void => {
  const statusCallbackUrl = form.get('StatusCallback');
  state.record({
    type: 'ask',
    provider: 'twilio',
    account,
    transport: (form.get('To') ?? '').startsWith('whatsapp:') ? 'whatsapp' : 'sms',
    from: plain(form.get('From') ?? ''),
    to: plain(form.get('To') ?? ''),
    text: form.get('Body') ?? '',
    ...contentOf(form),
    media: form.getAll('MediaUrl'),
    ...(statusCallbackUrl === null ? {} : { statusCallbackUrl }),
    ...result,
  });
};

const accept = (
  simulator: Simulator,
  form: URLSearchParams,
  account: string,
  at: string,
  unfetched: boolean,
): string => {
  const media = form.getAll('MediaUrl');
  const sid = newSid(media.length > 0 ? 'MM' : 'SM');
  const statusCallbackUrl = form.get('StatusCallback');
  simulator.state.record({
    type: 'twilio-message',
    sid,
    account,
    direction: 'outbound-api',
    from: form.get('From') ?? '',
    to: form.get('To') ?? '',
    body: form.get('Body') ?? '',
    media,
    ...(unfetched ? { unfetched } : {}),
    ...(isOutsideWindow(simulator, form) ? { outsideWindow: true } : {}),
    ...(statusCallbackUrl === null ? {} : { statusCallbackUrl }),
    at,
  });
  deliverWithCallbacks(simulator, sid);
  return sid;
};

const serverError = (): SimulatorAnswer => twilioError(500, 20500, 'An internal server error has occurred');

const createMessage: Handler = async (simulator, { body }, account) => {
  const form = new URLSearchParams(body.toString());
  const at = new Date().toISOString();
  const optedOut = simulator.state.isOptedOut(form.get('To') ?? '', form.get('From') ?? '');
  const refusal = refusalOf(form, optedOut);
  const to = plain(form.get('To') ?? '');
  const outcome = refusal ? 'rejected' : simulator.faults.outcome('twilio', to);
  const { hangMs, retryAfterSeconds } = simulator.faults.of('twilio', to);
  if (!outcome.startsWith('accepted')) {
    recordAsk(simulator, form, account, { outcome, at, attachments: [] });
    if (outcome === 'hung') await delay(hangMs, undefined, { ref: false });
    if (outcome === 'error' || outcome === 'hung') return serverError();
    if (outcome === 'rate-limited') {
      return twilioError(429, 20429, 'Too Many Requests', { 'retry-after': String(retryAfterSeconds) });
    }
    return twilioError(400, refusal?.code ?? 21211, refusal?.message ?? "The 'To' number is not a valid phone number.");
  }
  const media = form.getAll('MediaUrl');
  const attachments = (await Promise.all(media.map(fetchAttached))).flatMap((file) => file ?? []);
  const providerMessageId = accept(simulator, form, account, at, attachments.length < media.length);
  recordAsk(simulator, form, account, { outcome, at, providerMessageId, attachments });
  const message = simulator.state.message(providerMessageId);
  if (outcome === 'accepted-then-error') return serverError();
  if (outcome === 'accepted-then-hang') await delay(hangMs, undefined, { ref: false });
  return message ? json(messageResource(message), 201) : serverError();
};

const listMessages: Handler = ({ state }, { query }, account) =>
  json(
    messagePage(
      account,
      state.messages(account).filter((message) => matchesFilters(message, query)),
      query,
    ),
  );

const getMessage: Handler = ({ state }, request, account) => {
  const message = state.message(request.params.sid ?? '');
  return message?.account === account ? json(messageResource(message)) : notFound(request);
};

const listMedia: Handler = ({ state }, request, account) => {
  const message = state.message(request.params.sid ?? '');
  return message?.account === account
    ? json(mediaPage(message, (id) => state.file(id)?.contentType))
    : notFound(request);
};

/** Leads to where the bytes are, as the real one does. https://www.twilio.com/docs/messaging/api/media-resource */
const getMedia: Handler = ({ state, url }, request) => {
  const file = state.file(request.params.media ?? '');
  if (!file) return notFound(request);
  return { status: 307, body: '', headers: { location: `${url()}/twilio-media/${file.id}` } };
};

/** The content network, which nobody's credentials are any business of. */
const getContent = ({ state }: Simulator, request: SimulatorRequest): SimulatorAnswer => {
  if (request.headers.authorization !== undefined) return twilioError(400, 20001, 'These are for Twilio alone');
  const file = state.file(request.params.media ?? '');
  if (!file) return notFound(request);
  const bytes = serveFile(state, file);
  return bytes === undefined
    ? serverError()
    : { status: 200, body: bytes, headers: { 'content-type': file.contentType } };
};

/** As much of Twilio's REST API as messaging needs. */
export const twilioRoutes = (simulator: Simulator): readonly Route[] => {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    pattern: `${API}/Accounts/:account${path}`,
    handle: authenticated(simulator, handler),
  });
  return [
    route('POST', '/Messages.json', createMessage),
    route('GET', '/Messages.json', listMessages),
    route('GET', '/Messages/:sid.json', getMessage),
    route('GET', '/Messages/:sid/Media.json', listMedia),
    route('GET', '/Messages/:sid/Media/:media', getMedia),
    { method: 'GET', pattern: '/twilio-media/:media', handle: (request) => getContent(simulator, request) },
    route('GET', '.json', (_, __, account) => json(accountResource(account))),
  ];
};
