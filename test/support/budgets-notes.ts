import { handler as sendMessage } from '../../functions/chats/send-message.ts';
import { handler as addInteraction } from '../../functions/interactions/add-interaction.ts';
import { handler as completeInteraction } from '../../functions/interactions/complete-interaction.ts';
import { handler as listDueInteractions } from '../../functions/interactions/list-due-interactions.ts';
import { handler as listInteractions } from '../../functions/interactions/list-interactions.ts';
import { handler as addNote } from '../../functions/notes/add-note.ts';
import { handler as listNotes } from '../../functions/notes/list-notes.ts';
import { handler as replaceNote } from '../../functions/notes/replace-note.ts';
import { handler as createTemplate } from '../../functions/templates/create-template.ts';
import { handler as listTemplates } from '../../functions/templates/list-templates.ts';
import { NewInteractionSchema } from '../../lib/contract/interactions.ts';
import { NewNoteSchema } from '../../lib/contract/notes.ts';
import { UserIdSchema } from '../../lib/contract/vocabulary.ts';
import { newInteraction, showInteraction } from '../../lib/domain/interaction.ts';
import { newNote } from '../../lib/domain/note.ts';
import { interactionEvent, noteEvent, templateEvent } from '../../lib/domain/occurrence.ts';
import { newTemplate } from '../../lib/domain/template.ts';
import { insertInteraction } from '../../lib/table/interactions.ts';
import { insertNote } from '../../lib/table/notes.ts';
import { insertTemplate } from '../../lib/table/templates.ts';
import {
  act,
  query,
  read,
  readAtOnce,
  readTogether,
  requestsOf,
  transaction,
  type Budget,
  type Chat,
} from './budget-stage.ts';

const ana = { userId: UserIdSchema.parse('ana'), role: 'admin' } as const;

const startNote = async ({ id }: Chat) => {
  const note = newNote(act, id, ana, NewNoteSchema.parse({ text: 'Likes tea' }));
  await insertNote(act.tenant, note, noteEvent(act, 'NoteCreated', note), []);
  return note;
};

export const startInteraction = async ({ id }: Chat) => {
  const input = NewInteractionSchema.parse({ subject: 'Call', scheduledAt: '2020-01-01T10:00:00.000Z' });
  const interaction = newInteraction(act, id, ana.userId, input);
  const event = interactionEvent(act, 'InteractionCreated', showInteraction(interaction, act.now()));
  await insertInteraction(act.tenant, interaction, [event], []);
  return interaction;
};

const startTemplate = async () => {
  const template = newTemplate(act, { template: 'Salom' });
  await insertTemplate(act.tenant, template, templateEvent(act, 'TemplateCreated', template), []);
  return template;
};

/** What templates, notes and interactions cost. */
export const noteBudgets: readonly Budget[] = [
  {
    operation: 'find templates',
    promised: [query],
    run: (stage) => requestsOf(listTemplates, stage.call({}, { query: { q: 'salom' } }), 200),
  },
  {
    operation: 'add a template',
    promised: [transaction],
    run: (stage) => requestsOf(createTemplate, stage.call({}, { method: 'POST', body: { template: 'Salom' } }), 201),
  },
  {
    operation: 'send a template',
    promised: [readTogether, read, transaction],
    run: async (stage, { id }) => {
      const template = await startTemplate();
      const body = { templateId: template.id };
      return requestsOf(sendMessage, stage.call({ chatId: id }, { method: 'POST', body }), 202);
    },
  },
  {
    operation: 'list notes',
    promised: [read, query, query],
    run: (stage, { id }) => requestsOf(listNotes, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'add a note',
    promised: [transaction],
    run: (stage, { id }) =>
      requestsOf(addNote, stage.call({ clientId: id }, { method: 'POST', body: { text: 'Likes tea' } }), 201),
  },
  {
    operation: 'replace a note, and make it private',
    promised: [read, readAtOnce, transaction],
    run: async (stage, chat) => {
      const note = await startNote(chat);
      const body = { text: 'Likes coffee', private: true };
      return requestsOf(replaceNote, stage.call({ clientId: chat.id, noteId: note.id }, { method: 'PUT', body }), 200);
    },
  },
  {
    operation: 'list interactions',
    promised: [read, query],
    run: (stage, { id }) => requestsOf(listInteractions, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'plan an interaction',
    promised: [transaction],
    run: (stage, { id }) =>
      requestsOf(addInteraction, stage.call({ clientId: id }, { method: 'POST', body: { subject: 'Call' } }), 201),
  },
  {
    operation: 'complete an interaction',
    promised: [read, readTogether, transaction],
    run: async (stage, chat) => {
      const { id } = await startInteraction(chat);
      return requestsOf(
        completeInteraction,
        stage.call({ clientId: chat.id, interactionId: id }, { method: 'PATCH' }),
        200,
      );
    },
  },
  {
    operation: 'list due interactions',
    promised: [query, readTogether],
    run: async (stage, chat) => {
      await startInteraction(chat);
      return requestsOf(listDueInteractions, stage.call({}, { query: { due: 'overdue' } }), 200);
    },
  },
];
