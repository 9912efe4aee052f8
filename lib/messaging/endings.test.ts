import { newAct, outboundMessage } from '../../test/support/builders.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { replaced } from '../domain/delivery.ts';
import { findMessage, insertMessage, replaceMessage } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { abandonDispatch } from './endings.ts';
import { settle } from './settle.ts';

const act = newAct();
const chatId = ClientIdSchema.parse(act.newId());
const LATER = '2200-01-01T00:00:00.000Z';

it('a queue that gives up an old entry does not end a message that was put there again', async () => {
  const message = outboundMessage(act, chatId, { dueAt: LATER });
  const { delivery } = message;
  if (delivery === null) throw new Error('Not ours.');
  await commit(act.tenant, [insertMessage(act.tenant, { ...message, delivery: { ...delivery, dispatch: 2 } })]);
  const entry = { provider: delivery.provider, tenantId: act.tenant, chatId, messageId: message.id };
  const statusAfter = async (dispatch: number) => {
    await abandonDispatch(act, { ...entry, dispatch });
    return (await findMessage(act.tenant, chatId, message.id))?.status;
  };
  expect(await statusAfter(1)).toBe('queued');
  expect(await statusAfter(2)).toBe('failed');
});

it('an unknown message that was sent again is not looked after any more', async () => {
  const message = outboundMessage(act, chatId, { status: 'unknown', dueAt: '2020-01-01T00:00:00.000Z' });
  const former = replaced(message, outboundMessage(act, chatId).id);
  await commit(act.tenant, [insertMessage(act.tenant, { ...message, dueAt: LATER })]);
  await commit(act.tenant, [replaceMessage(act.tenant, message, former)]);
  await settle(act, { kind: 'message', tenant: act.tenant, chatId, messageId: message.id });
  expect(await findMessage(act.tenant, chatId, message.id)).toEqual(former);
});
