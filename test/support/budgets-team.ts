import { handler as getClient } from '../../functions/clients/get-client.ts';
import { handler as getSettings } from '../../functions/settings/get-settings.ts';
import { handler as replaceSettings } from '../../functions/settings/replace-settings.ts';
import { handler as getMe } from '../../functions/users/get-me.ts';
import { handler as listUsers } from '../../functions/users/list-users.ts';
import { handler as replaceMe } from '../../functions/users/replace-me.ts';
import { knownSettings } from '../../lib/table/settings.ts';
import { act, query, read, requestsOf, transaction, type Budget } from './budget-stage.ts';
import { httpEvent } from './builders.ts';
import { sharedUrls, token } from './client.ts';
import { unique } from './random.ts';

export const teamBudgets: readonly Budget[] = [
  {
    operation: 'get client, by a user whose first request it is',
    promised: [read, transaction, read],
    run: async (_, { id }) => {
      const accessToken = await token({ tenant: act.tenant, user: unique('user') }, sharedUrls());
      return requestsOf(getClient, httpEvent({ token: accessToken, params: { clientId: id } }), 200);
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
