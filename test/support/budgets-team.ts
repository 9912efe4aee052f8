import { handler as getSettings } from '../../functions/settings/get-settings.ts';
import { handler as replaceSettings } from '../../functions/settings/replace-settings.ts';
import { handler as getMe } from '../../functions/users/get-me.ts';
import { handler as listUsers } from '../../functions/users/list-users.ts';
import { handler as replaceMe } from '../../functions/users/replace-me.ts';
import { UserIdSchema } from '../../lib/contract/vocabulary.ts';
import { admit } from '../../lib/runtime/admit.ts';
import { knownSettings } from '../../lib/table/settings.ts';
import { act, query, read, requestsDuring, requestsOf, transaction, type Budget } from './budget-stage.ts';
import { unique } from './random.ts';

export const teamBudgets: readonly Budget[] = [
  {
    operation: 'let a user in whose first request it is, and then again',
    promised: [read, transaction],
    run: () => {
      const userId = UserIdSchema.parse(unique('user'));
      const claims = { userId, role: 'agent', name: null, email: null, issuedAt: 0 } as const;
      return requestsDuring(async () => {
        await admit(act, claims);
        await admit(act, claims);
      });
    },
  },
  { operation: 'get me', promised: [read], run: (stage) => requestsOf(getMe, stage.call(), 200) },
  { operation: 'list users', promised: [query], run: (stage) => requestsOf(listUsers, stage.call(), 200) },
  {
    operation: 'replace me',
    promised: [read, transaction],
    run: (stage) => requestsOf(replaceMe, stage.call({}, { method: 'PUT', body: {} }), 200),
  },
  { operation: 'get settings', promised: [read], run: (stage) => requestsOf(getSettings, stage.call(), 200) },
  {
    operation: 'replace settings',
    promised: [read, transaction],
    run: async (stage) => {
      // As the stage has set them.
      const { limits } = await knownSettings(act.tenant);
      const sent = await requestsOf(replaceSettings, stage.call({}, { method: 'PUT', body: { limits } }), 200);
      // Whoever comes next has asked for them before.
      await stage.warm();
      return sent;
    },
  },
];
