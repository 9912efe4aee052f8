import { jest } from '@jest/globals';
import { newMessageId, newTenantId } from '../../test/support/builders.ts';
import { ClientIdSchema, type ChatId } from '../contract/vocabulary.ts';
import { secondsAfter } from '../domain/act.ts';
import type { Due } from '../table/due.ts';
import { logger } from './logger.ts';
import { settleInOrder } from './settle-in-order.ts';

jest.spyOn(logger, 'error').mockImplementation(() => undefined);

const tenant = newTenantId();
const newChatId = (): ChatId => ClientIdSchema.parse(newMessageId());
const message = (chatId: ChatId): Due => ({ kind: 'message', tenant, chatId, messageId: newMessageId() });
/** @param seconds how long ago it was to be sent */
const scheduled = (chatId: ChatId, seconds: number): Due => ({
  ...{ kind: 'scheduled', tenant, chatId, messageId: newMessageId() },
  sendAt: secondsAfter(new Date(), -seconds),
});

/** What is settled of these, page after page, where some of them fail. */
const settled = async (pages: readonly (readonly Due[])[], failing: readonly Due[]): Promise<Due[]> => {
  const done: Due[] = [];
  const held = new Set<string>();
  const settle = (_: unknown, due: Due): Promise<void> => {
    if (failing.includes(due)) return Promise.reject(new Error('The table is away.'));
    done.push(due);
    return Promise.resolve();
  };
  for (const page of pages) await settleInOrder(settle, page, held);
  return done;
};

describe('what is due of a chat', () => {
  it('is settled by when it was written, and then what was scheduled, by when it is to be sent', async () => {
    const chatId = newChatId();
    const [older, newer, early, late] = [
      message(chatId),
      message(chatId),
      scheduled(chatId, 60),
      scheduled(chatId, 30),
    ];
    expect(await settled([[early, late, newer, older]], [])).toEqual([older, newer, early, late]);
    expect(await settled([[early, newer, older]], [older])).toEqual([newer, early]);
  });

  it('is not overtaken where a scheduled message cannot be released, on this page or the next', async () => {
    const [chatId, other] = [newChatId(), newChatId()];
    const [first, second, third, elsewhere] = [90, 60, 30, 30].map((seconds, index) =>
      scheduled(index === 3 ? other : chatId, seconds),
    );
    if (first === undefined || second === undefined || third === undefined || elsewhere === undefined)
      throw new Error();
    expect(await settled([[first, second], [elsewhere], [third]], [first])).toEqual([elsewhere]);
    expect(await settled([[first, second], [third]], [second])).toEqual([first]);
  });

  it('is not held up for good by one that nobody can release', async () => {
    const chatId = newChatId();
    const [stuck, next] = [scheduled(chatId, 3_600), scheduled(chatId, 30)];
    expect(await settled([[stuck, next]], [stuck])).toEqual([next]);
  });
});
