import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MessageId } from '../../lib/contract/vocabulary.ts';
import { ClientIdSchema } from '../../lib/contract/vocabulary.ts';
import { secondsAfter, type Act } from '../../lib/domain/act.ts';
import type { ChannelRecord } from '../../lib/domain/channel.ts';
import { queuedMessage, type MessageRecord } from '../../lib/domain/message.ts';
import type { Dispatch } from '../../lib/events/outbox.ts';
import { systemAct } from '../../lib/runtime/worker.ts';
import { getChannel } from '../../lib/table/channels.ts';
import { findMessage, insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import type { Scene } from './support.ts';

/** As a function of the system would act in this scene's tenant. */
export const actIn = ({ tenant }: Scene): Act => systemAct(tenant.id, 'test', 'a-test');

const chatIdOf = ({ parts }: Scene) => ClientIdSchema.parse(parts.chatId);

export const channelOf = ({ tenant, channel }: Scene): Promise<ChannelRecord> => getChannel(tenant.id, channel.id);

const HOUR = 3600;

/**
 * A queued message that no queue knows of: this test is its only sender, until it is due.
 *
 * @param dueSeconds until the due job looks for it
 */
export const plant = async (scene: Scene, text: string, dueSeconds = HOUR): Promise<MessageRecord> => {
  const act = actIn(scene);
  const { id, provider, transport, address } = await channelOf(scene);
  const message = queuedMessage(act, chatIdOf(scene), {
    transport,
    channelId: id,
    provider,
    sender: { type: 'user', id: 'ana', name: 'Ana', address: null, handle: null },
    text,
    from: address,
    to: scene.to,
    resendOf: null,
    dueAt: secondsAfter(act.now(), dueSeconds),
  });
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return message;
};

/** What would stand on the provider's queue for it. */
export const dispatchOf = (scene: Scene, { chatId, id: messageId }: MessageRecord): Dispatch => ({
  provider: scene.channel.provider,
  tenantId: scene.tenant.id,
  chatId,
  messageId,
  dispatch: 1,
});

/** The message as it is stored. */
export const recordOf = async (scene: Scene, id: MessageId): Promise<MessageRecord> => {
  const record = await findMessage(scene.tenant.id, chatIdOf(scene), id);
  if (record === undefined) throw new Error('The message is gone.');
  return record;
};

const raw = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** Writes what our own code never would. */
export const putRaw = async (item: Record<string, unknown>): Promise<void> => {
  await raw.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item: item }));
};
