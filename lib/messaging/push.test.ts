import { buildClient, newAct } from '../../test/support/builders.ts';
import { newChat } from '../domain/chat.ts';
import { chatEvent } from '../domain/occurrence.ts';
import { observeRequests } from '../table/client.ts';
import { pushEvents } from './push.ts';

it('what is told is written down before it is read who is connected, so that who connects late finds it there', async () => {
  const sent: string[] = [];
  observeRequests((command) => sent.push(command));
  const act = newAct();
  await pushEvents(act, [chatEvent(act, 'ChatUpdated', newChat(act, buildClient(act)))]);
  expect(sent.filter((command) => command !== 'BatchGetItemCommand')).toEqual([
    'TransactWriteItemsCommand',
    'QueryCommand',
  ]);
});
