import { handler as addMember } from '../../functions/chats/add-member.ts';
import { handler as listMembers } from '../../functions/chats/list-members.ts';
import { handler as removeMember } from '../../functions/chats/remove-member.ts';
import { handler as createClient } from '../../functions/clients/create-client.ts';
import { handler as listConsents } from '../../functions/clients/list-consents.ts';
import { handler as recordConsent } from '../../functions/clients/record-consent.ts';
import { handler as createCustomField } from '../../functions/fields/create-custom-field.ts';
import { handler as listCustomFields } from '../../functions/fields/list-custom-fields.ts';
import { handler as replaceCustomField } from '../../functions/fields/replace-custom-field.ts';
import { newCustomField } from '../../lib/domain/custom-field.ts';
import { customFieldEvent } from '../../lib/domain/occurrence.ts';
import { insertCustomField } from '../../lib/table/custom-fields.ts';
import { act, query, read, readTogether, requestsOf, transaction, type Budget, type Stage } from './budget-stage.ts';

const defineField = async () => {
  const field = newCustomField(act, { name: act.newId(), type: 'text', choices: [] });
  await insertCustomField(act.tenant, field, customFieldEvent(act, 'CustomFieldCreated', field), []);
  return field;
};

const create = (stage: Stage, customFields: Record<string, string> = {}) =>
  requestsOf(createClient, stage.call({}, { method: 'POST', body: { firstName: 'Ana', customFields } }), 201);

/** What members, custom fields and consent cost. */
export const memberBudgets: readonly Budget[] = [
  {
    operation: 'list members',
    promised: [read, query, query],
    run: (stage, { id }) => requestsOf(listMembers, stage.call({ chatId: id }), 200),
  },
  {
    operation: 'add a member',
    promised: [readTogether, readTogether, transaction],
    run: (stage, { id }) => {
      const body = { type: 'user', userId: act.newId() };
      return requestsOf(addMember, stage.call({ chatId: id }, { method: 'POST', body }), 201);
    },
  },
  {
    operation: 'remove a member',
    promised: [read, readTogether, query, transaction],
    run: async (stage, { id }) => {
      const userId = act.newId();
      await requestsOf(addMember, stage.call({ chatId: id }, { method: 'POST', body: { type: 'user', userId } }), 201);
      const event = stage.call({ chatId: id, memberId: `user:${userId}` }, { method: 'DELETE' });
      return requestsOf(removeMember, event, 204);
    },
  },
  {
    operation: 'list consents',
    promised: [read],
    run: (stage, { id }) => requestsOf(listConsents, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'record a consent',
    promised: [read, transaction],
    run: (stage, { id }) => {
      const body = { contactId: null, purpose: 'marketing', status: 'opted-in', note: act.newId() };
      return requestsOf(recordConsent, stage.call({ clientId: id }, { method: 'PUT', body }), 200);
    },
  },
  {
    operation: 'list custom fields',
    promised: [query],
    run: (stage) => requestsOf(listCustomFields, stage.call(), 200),
  },
  {
    operation: 'define a custom field',
    promised: [transaction],
    run: (stage) => {
      const body = { name: act.newId(), type: 'number' };
      return requestsOf(createCustomField, stage.call({}, { method: 'POST', body }), 201);
    },
  },
  {
    operation: 'change a custom field',
    promised: [query, transaction],
    run: async (stage) => {
      const { id } = await defineField();
      const body = { type: 'date' };
      return requestsOf(replaceCustomField, stage.call({ customFieldId: id }, { method: 'PUT', body }), 200);
    },
  },
  {
    operation: 'create client, with a custom field',
    promised: [transaction],
    run: async (stage) => {
      const { name } = await defineField();
      // The first to use a field writes that down, so that the fields are read once more by the next.
      for (let client = 0; client < 2; client += 1) await create(stage, { [name]: 'any' });
      return create(stage, { [name]: 'any' });
    },
  },
];
