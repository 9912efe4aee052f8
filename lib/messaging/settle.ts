import { environment } from '../config/environment.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { pendingPlaces } from '../domain/attachment.ts';
import { dispatchAgain, isExhausted, isOutbound, postpone, requeue } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import { findChannel, knownChannel } from '../table/channels.ts';
import type { Due } from '../table/due.ts';
import { changeMessage, findMessage, findReference, type MessageChange } from '../table/messages.ts';
import { doubted, giveUp } from './endings.ts';
import { noteSuccess, probeLater } from './channel-health.ts';
import { finishConnecting } from './connect.ts';
import { wakeChat } from './chats.ts';
import { redispatchJob } from './jobs.ts';
import { redispatchDelivery } from './deliver-webhooks.ts';
import { clearLetter } from './clear-letter.ts';
import { fetchAgain } from './fetch-again.ts';
import { recordFinding } from './findings.ts';
import { projectClients } from './project.ts';
import { providerOf } from './provider-access.ts';
import { release } from './release.ts';
import { beginForgetting } from './retention.ts';
import { sealAudit } from './seal-audit.ts';
import { expireConnection } from './sockets.ts';
import { clearUpload } from './uploads.ts';
import { lookAfterChannels, reconcileInTime } from './start-reconciliation.ts';
import { waitOutside } from './waiting.ts';

const isDue = (act: Act, record: { readonly dueAt: string | null }): boolean =>
  record.dueAt !== null && record.dueAt <= instant(act.now());

const nextLook = (act: Act): string => secondsAfter(act.now(), environment().REDISPATCH_SECONDS);

/** Its queue entry is lost, or the time it had to wait is over: it goes on the queue again, as a new entry. */
const redispatch = (act: Act, message: MessageRecord): MessageChange | undefined => {
  const next = dispatchAgain(message, nextLook(act));
  return next && { next, queued: true };
};

const sendAgain = (act: Act, message: MessageRecord): MessageChange | undefined => {
  const queued = requeue(message, 'settled', { notBefore: null, dueAt: nextLook(act) });
  const next = queued && dispatchAgain(queued, nextLook(act));
  return (
    next && {
      next: { ...next, revision: message.revision + 1 },
      queued: true,
      event: messageEvent(act, 'MessageQueued', next, message),
    }
  );
};

const provenAbsent = (act: Act, message: MessageRecord): MessageChange | undefined =>
  isExhausted(message)
    ? giveUp(act, message, 'delivery.exhausted', 'Its provider did not take it in many attempts.')
    : sendAgain(act, message);

const lookAgain = (message: MessageRecord, dueAt: string | null): MessageChange | undefined => {
  const next = postpone(message, dueAt);
  return next && { next };
};

/** The first message on the provider's list that is not known to be another one of ours. */
const firstUnclaimed = async (act: Act, channel: ChannelRecord, message: MessageRecord, listed: readonly string[]) => {
  for (const providerMessageId of listed) {
    const owner = await findReference(act.tenant, channel.id, providerMessageId);
    if (owner === undefined || owner === message.id) return providerMessageId;
  }
  return undefined;
};

/** What was found out holds for the attempt it was found out about. */
const edit = (
  act: Act,
  { chatId, id, delivery }: MessageRecord,
  decide: (message: MessageRecord) => MessageChange | undefined,
) =>
  changeMessage(act, chatId, id, (current) =>
    current.status === 'unknown' && current.dueAt !== null && current.delivery?.attempt === delivery?.attempt
      ? decide(current)
      : undefined,
  );

/** A client that cannot be asked about a message may get it this often. */
const MOST_COPIES = 2;

/** Asks the provider what became of a message; where it cannot be asked, the channel's own rule decides. */
const settleUnknown = async (act: Act, message: MessageRecord, channel: ChannelRecord | undefined): Promise<void> => {
  if (channel === undefined || !isOutbound(message)) {
    await edit(act, message, (current) => lookAgain(current, null));
    return;
  }
  const { provider, credentials } = await providerOf(act.tenant, channel);
  if (provider.findSent === undefined) {
    const again = channel.onAmbiguous === 'resend' && message.delivery.attempt < MOST_COPIES;
    await edit(act, message, (current) => (again ? sendAgain(act, current) : lookAgain(current, null)));
    return;
  }
  const { from, to, attempt, attemptStartedAt } = message.delivery;
  const { transport, text, content, attachments, createdAt } = message;
  const search = {
    transport,
    from,
    to,
    text,
    content,
    files: attachments.length,
    since: attemptStartedAt ?? createdAt,
  };
  const result = await provider.findSent(credentials, search);
  if (result.kind === 'unavailable') {
    await edit(act, message, (current) => lookAgain(current, secondsAfter(act.now(), environment().SETTLE_SECONDS)));
    return;
  }
  const providerMessageId = await firstUnclaimed(act, channel, message, result.providerMessageIds);
  if (providerMessageId === undefined) {
    await edit(act, message, (current) => provenAbsent(act, current));
    return;
  }
  await recordFinding(act, message.chatId, message.id, {
    status: 'sent',
    attempt,
    providerMessageId,
    error: null,
    optedOut: false,
  });
};

const settleQueued = async (act: Act, message: MessageRecord, channel: ChannelRecord | undefined): Promise<void> => {
  if (channel?.status === 'failing') {
    const soon = secondsAfter(act.now(), environment().PROBE_SECONDS);
    const { dueAt } = channel;
    await waitOutside(act, message, dueAt !== null && dueAt > instant(act.now()) ? dueAt : soon);
    return;
  }
  await changeMessage(act, message.chatId, message.id, (current) =>
    current.status === 'queued' && isDue(act, current) ? redispatch(act, current) : undefined,
  );
};

/** What a client sent, and was not fetched yet. */
const settleReceived = (act: Act, message: MessageRecord): MessageChange | undefined => {
  if (!isDue(act, message)) return undefined;
  if (pendingPlaces(message).length > 0) return fetchAgain(act, message);
  return { next: { ...message, dueAt: null, revision: message.revision + 1 } };
};

const settleMessage = async (act: Act, message: MessageRecord): Promise<void> => {
  const channel = message.channelId === null ? undefined : await knownChannel(act.tenant, message.channelId);
  switch (message.status) {
    case 'queued':
      return settleQueued(act, message, channel);
    case 'sending': {
      const token = message.delivery?.lease?.token ?? '';
      await changeMessage(act, message.chatId, message.id, (current) => doubted(act, current, token));
      return;
    }
    case 'unknown':
      return settleUnknown(act, message, channel);
    case 'received':
      await changeMessage(act, message.chatId, message.id, (current) => settleReceived(act, current));
      return;
    default:
      await changeMessage(act, message.chatId, message.id, (current) =>
        current.status === message.status ? lookAgain(current, null) : undefined,
      );
  }
};

const settleChannel = async (act: Act, channel: ChannelRecord): Promise<void> => {
  if (channel.status === 'connecting') return finishConnecting(act, channel);
  if (channel.status === 'active') return reconcileInTime(act, channel);
  const { provider, credentials } = await providerOf(act.tenant, channel);
  const usable = channel.status === 'failing' && (await provider.probe(credentials)) === 'usable';
  return usable ? noteSuccess(act, channel.id) : probeLater(act, channel.id);
};

/** Does what had to be done by now unless something happened first. Doing it twice changes nothing more. */
export const settle = async (act: Act, due: Due): Promise<void> => {
  if (due.kind === 'channel') {
    const channel = await findChannel(act.tenant, due.channelId);
    if (channel !== undefined && isDue(act, channel)) await settleChannel(act, channel);
    return;
  }
  if (due.kind === 'scheduled') {
    await release(act, due.chatId, due.messageId);
    return;
  }
  if (due.kind === 'chat') {
    await wakeChat(act, due.chatId);
    return;
  }
  if (due.kind === 'projection') {
    await projectClients(act, due.clientIds);
    return;
  }
  if (due.kind === 'letter') {
    await clearLetter(act, due.letterId);
    return;
  }
  if (due.kind === 'retention') {
    await beginForgetting(act);
    return;
  }
  if (due.kind === 'seal') {
    await sealAudit(act);
    // The same hour will do for what would otherwise never be due.
    await lookAfterChannels(act);
    return;
  }
  if (due.kind === 'delivery') {
    await redispatchDelivery(act, due.endpointId, due.deliveryId);
    return;
  }
  if (due.kind === 'job') {
    await redispatchJob(act, due.jobId);
    return;
  }
  if (due.kind === 'connection') {
    await expireConnection(act, due.connectionId);
    return;
  }
  if (due.kind === 'upload') {
    await clearUpload(act, due.uploadId);
    return;
  }
  const message = await findMessage(act.tenant, due.chatId, due.messageId);
  if (message !== undefined && isDue(act, message)) await settleMessage(act, message);
};
