import { setTimeout as delay } from 'node:timers/promises';
import type { Simulator } from './channel.ts';
import { json, type Route, type SimulatorAnswer, type SimulatorRequest } from './http.ts';
import { serveFile } from './hosted-media.ts';
import type { Ask, Attached } from './journal.ts';
import {
  attachedTo,
  contentsOf,
  listOf,
  type Parameters,
  readRequest,
  type Said,
  type Sending,
  sendingOf,
  text,
} from './telegram-parameters.ts';
import { botUser, nextMessageId, privateChat, telegramUser, unixNow } from './telegram-updates.ts';

/** https://core.telegram.org/bots/api#making-requests */
const telegramOk = (result: unknown): SimulatorAnswer => json({ ok: true, result });
const telegramError = (code: number, description: string, parameters?: object): SimulatorAnswer =>
  json({ ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) }, code);

const MEGABYTE = 1_000_000;
const FETCHED_TYPES = ['image/gif', 'application/pdf', 'application/zip'];

/** https://core.telegram.org/bots/api#sending-files */
const refusalOfFile = (kind: 'photo' | 'document', file: Attached | undefined): SimulatorAnswer | undefined => {
  if (file === undefined) return telegramError(400, 'Bad Request: failed to get HTTP URL content');
  const fetched = file.url !== undefined;
  const limit = (kind === 'photo' ? (fetched ? 5 : 10) : fetched ? 20 : 50) * MEGABYTE;
  if (file.size > limit) return telegramError(400, 'Bad Request: file is too big');
  const isOdd = fetched && kind === 'document' && !FETCHED_TYPES.includes(file.contentType);
  return isOdd ? telegramError(400, 'Bad Request: wrong type of the web page content') : undefined;
};

/** What Telegram would refuse. */
const refusalOf = (
  { state }: Simulator,
  { chatId, text: words, media, kinds }: Sending,
  files: readonly (Attached | undefined)[],
): SimulatorAnswer | undefined => {
  if (!Number.isSafeInteger(chatId) || chatId === 0) return telegramError(400, 'Bad Request: chat not found');
  if (media.length === 0 && words === '') return telegramError(400, 'Bad Request: message text is empty');
  if (media.includes('')) return telegramError(400, 'Bad Request: there is no file in the request');
  if (words.length > (media.length > 0 ? 1_024 : 4_096)) {
    return telegramError(400, `Bad Request: message ${media.length > 0 ? 'caption ' : ''}is too long`);
  }
  if (state.isBlocked(String(chatId))) return telegramError(403, 'Forbidden: bot was blocked by the user');
  for (const [index, file] of files.entries()) {
    const refusal = refusalOfFile(kinds[index] ?? 'document', file);
    if (refusal) return refusal;
  }
  return undefined;
};

const answerFor = (outcome: Ask['outcome'], retryAfter: number): SimulatorAnswer => {
  if (outcome === 'rate-limited') {
    return telegramError(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
  }
  if (outcome === 'rejected') return telegramError(400, 'Bad Request: chat not found');
  return telegramError(500, 'Internal Server Error');
};

const send = async (
  simulator: Simulator,
  token: string,
  method: string,
  { parameters, files }: Said,
): Promise<SimulatorAnswer> => {
  const { state, faults } = simulator;
  const sending = sendingOf(method, parameters);
  const found = await attachedTo(sending, files);
  const refusal = refusalOf(simulator, sending, found);
  const attachments = found.flatMap((file) => file ?? []);
  const outcome = refusal ? 'rejected' : faults.outcome('telegram', String(sending.chatId));
  const user = telegramUser(sending.chatId, undefined);
  const messages = outcome.startsWith('accepted')
    ? contentsOf(sending, attachments).map((content) => ({
        message_id: nextMessageId(state, token, sending.chatId),
        from: botUser(token),
        chat: privateChat(user),
        date: unixNow(),
        ...content,
      }))
    : [];
  const [first] = messages;
  state.record({
    type: 'ask',
    provider: 'telegram',
    account: String(botUser(token).id),
    transport: 'telegram',
    from: `@${botUser(token).username}`,
    to: text(parameters.chat_id),
    text: sending.text,
    media: [...sending.media],
    attachments,
    outcome,
    ...(first ? { providerMessageId: `${sending.chatId}:${first.message_id}` } : {}),
    at: new Date().toISOString(),
  });
  if (refusal) return refusal;
  const { hangMs, retryAfterSeconds } = faults.of('telegram', String(sending.chatId));
  if (outcome === 'hung') await delay(hangMs, undefined, { ref: false });
  if (!first || outcome === 'accepted-then-error') return answerFor(outcome, retryAfterSeconds);
  if (outcome === 'accepted-then-hang') await delay(hangMs, undefined, { ref: false });
  return telegramOk(method === 'sendMediaGroup' ? messages : first);
};

const setWebhook = ({ state }: Simulator, token: string, parameters: Parameters): SimulatorAnswer => {
  const url = text(parameters.url);
  if (url !== '' && !URL.canParse(url)) return telegramError(400, 'Bad Request: bad webhook: invalid URL');
  const secret = text(parameters.secret_token);
  const allowedUpdates = listOf(parameters.allowed_updates).map(text);
  state.record({ type: 'bot-webhook', token, url, ...(secret === '' ? {} : { secret }), allowedUpdates });
  return telegramOk(true);
};

const webhookInfo = ({ state }: Simulator, token: string): SimulatorAnswer => {
  const bot = state.bot(token);
  return telegramOk({
    url: bot?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: 0,
    ...(bot && bot.allowedUpdates.length > 0 ? { allowed_updates: bot.allowedUpdates } : {}),
  });
};

/** https://core.telegram.org/bots/api#getfile */
const MAX_DOWNLOAD_BYTES = 20_000_000;

const getFile = ({ state }: Simulator, parameters: Parameters): SimulatorAnswer => {
  const file = state.file(text(parameters.file_id));
  if (!file) return telegramError(400, 'Bad Request: invalid file_id');
  if (file.size > MAX_DOWNLOAD_BYTES) return telegramError(400, 'Bad Request: file is too big');
  const { id, size } = file;
  return telegramOk({ file_id: id, file_unique_id: id, file_size: size, file_path: `files/${id}` });
};

const SENDING = new Set(['sendMessage', 'sendPhoto', 'sendDocument', 'sendMediaGroup']);

const callMethod = (simulator: Simulator, request: SimulatorRequest): SimulatorAnswer | Promise<SimulatorAnswer> => {
  const { token = '', method = '' } = request.params;
  if (!/^\d+:[\w-]+$/.test(token)) return telegramError(404, 'Not Found');
  if (token.includes('invalid')) return telegramError(401, 'Unauthorized');
  const said = readRequest(request);
  const { parameters } = said;
  if (SENDING.has(method)) return send(simulator, token, method, said);
  if (method === 'getMe') {
    const abilities = { can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false };
    return telegramOk({ ...botUser(token), ...abilities });
  }
  if (method === 'setWebhook') return setWebhook(simulator, token, parameters);
  if (method === 'deleteWebhook') return setWebhook(simulator, token, {});
  if (method === 'getWebhookInfo') return webhookInfo(simulator, token);
  if (method === 'getFile') return getFile(simulator, parameters);
  if (method === 'sendChatAction') return telegramOk(true);
  return telegramError(404, 'Not Found: method not found');
};

const download = ({ state }: Simulator, { params }: SimulatorRequest): SimulatorAnswer => {
  const file = state.file(params.file ?? '');
  if (!file || params.token?.includes('invalid')) return telegramError(404, 'Not Found');
  const bytes = serveFile(state, file);
  if (bytes === undefined) return telegramError(500, 'Internal Server Error');
  return { status: 200, body: bytes, headers: { 'content-type': 'application/octet-stream' } };
};

/** As much of Telegram's Bot API as private chats need. */
export const telegramRoutes = (simulator: Simulator): readonly Route[] => [
  { method: 'GET', pattern: '/file/bot:token/files/:file', handle: (request) => download(simulator, request) },
  ...['GET', 'POST'].map((method) => ({
    method,
    pattern: '/bot:token/:method',
    handle: (request: SimulatorRequest) => callMethod(simulator, request),
  })),
];
