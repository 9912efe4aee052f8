import { MessageIdSchema, UserIdSchema } from '../../lib/contract/vocabulary.ts';
import { NotificationSettingsSchema } from '../../lib/contract/users.ts';
import { userEvent } from '../../lib/domain/occurrence.ts';
import { newUser } from '../../lib/domain/user.ts';
import { notifyOf } from '../../lib/messaging/notify.ts';
import { insertUser } from '../../lib/table/users.ts';
import { query, readTogether, requestsDuring, transaction, act, type Budget } from './budget-stage.ts';
import { unique } from './random.ts';

const addUser = async (): Promise<void> => {
  const id = UserIdSchema.parse(unique('user'));
  const claims = { userId: id, role: 'agent', name: null, email: `${id}@team.example`, issuedAt: 0 } as const;
  const notifications = NotificationSettingsSchema.parse({ chats: 'all', email: true });
  const user = { ...newUser(act, claims), notifications };
  await insertUser(act.tenant, user, userEvent(act, 'UserCreated', user));
};

/** What telling users of messages costs. */
export const notificationBudgets: readonly Budget[] = [
  {
    operation: 'tell users of a message, up to 10 of them',
    promised: [readTogether, query, query, query, transaction, transaction],
    run: async (_, { id, unread }) => {
      await addUser();
      const message = MessageIdSchema.parse(unread);
      return requestsDuring(() => notifyOf(act, id, message));
    },
  },
];
