import { problems } from '../contract/problems.ts';
import type { ChatId, ClientId, MessageId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import {
  failedSchedule,
  isWaiting,
  origin,
  releasedSchedule,
  unreleasable,
  type ScheduledRecord,
} from '../domain/scheduled.ts';
import { findChat } from '../table/chats.ts';
import { findClient } from '../table/clients.ts';
import { announce } from '../table/outbox.ts';
import { findScheduled, replaceScheduled } from '../table/scheduled.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { compose, readScene, type Wish } from './compose.ts';
import { commitToChat, enterSteps } from './send.ts';

/** Whose chat it is by now: its own, or that of the client that it was merged into. */
const findOwner = async (act: Act, home: ClientId): Promise<ClientRecord | undefined> => {
  const client = await findClient(act.tenant, home);
  return client?.state === 'absorbed' && client.survivorId !== null ? findOwner(act, client.survivorId) : client;
};

const wishOf = (before: ScheduledRecord): Wish => ({
  text: before.text === '' ? undefined : before.text,
  content: before.content,
  templateId: before.templateId ?? undefined,
  attachments: before.attachments.flatMap(({ uploadId }) => (uploadId === null ? [] : [{ uploadId }])),
  transport: before.transport,
  channelId: before.wishedChannelId ?? undefined,
  usualChannelId: before.channelId,
  bulk: before.lane === 'bulk',
});

const OF_THE_REQUEST = [404, 409, 422];

/** Why it may not be sent any more; undefined for what passes, or is nobody's fault. */
const refusalOf = (error: unknown): { readonly code: string; readonly detail: string } | undefined => {
  if (!(error instanceof Failure) || error.code === 'write.contended') return undefined;
  if (!OF_THE_REQUEST.includes(problems[error.code].status)) return undefined;
  // The chat is there, so that it is a file that is not.
  if (error.code === 'resource.not-found') return { code: 'upload.removed', detail: 'A file of it was removed.' };
  return { code: error.code, detail: error.message };
};

interface Released {
  readonly message: MessageRecord;
  readonly files: readonly Step[];
}

/** As if it were written now, by whoever wrote it. What may not be sent any more is shown as failed. */
const composeNow = async (act: Act, chatId: ChatId, before: ScheduledRecord): Promise<Released> => {
  const wish = wishOf(before);
  try {
    const scene = await readScene(act, chatId, wish);
    const message = compose(act, wish, before.sender, scene, instant(act.now()));
    return { message: { ...message, ...origin(before) }, files: scene.files.steps };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { message: unreleasable(act, chatId, before, refusal), files: [] };
  }
};

const releaseInto = async (act: Act, chat: ChatRecord, before: ScheduledRecord): Promise<void> => {
  const { message, files } = await composeNow(act, chat.id, before);
  await commitToChat(act, [
    replaceScheduled(act.tenant, before, releasedSchedule(before, message.id)),
    ...files,
    ...enterSteps(act, chat, message),
  ]);
};

/** Its client was deleted. It is not sent late, should the client be restored. */
const failUnseen = async (act: Act, before: ScheduledRecord): Promise<void> => {
  const after = failedSchedule(before, { code: 'client.deleted', detail: 'The client was deleted by then.' });
  await commit(act.tenant, [
    replaceScheduled(act.tenant, before, after),
    announce(messageEvent(act, 'MessageFailed', after, before)),
  ]);
};

/**
 * Makes a message of a scheduled one whose time has come, once: whoever changes or cancels it meanwhile comes before or
 * after. What may be sent was checked when it was scheduled, and is checked again. Six reads and one transaction.
 */
export const release = (context: Act, home: ChatId, id: MessageId): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await findScheduled(context.tenant, home, id);
    if (before === undefined || !isWaiting(before) || before.sendAt > instant(context.now())) return;
    const act = { ...context, correlationId: before.correlationId };
    const owner = await findOwner(act, home);
    // Of who is being erased everything goes, this too.
    if (owner === undefined || owner.state === 'erased') return;
    const chat = await findChat(act.tenant, owner.id);
    if (owner.state === 'deleted') await failUnseen(act, before);
    else if (chat?.state === 'active') await releaseInto(act, chat, before);
    else throw new Raced('The client changed while it was read.');
  });
