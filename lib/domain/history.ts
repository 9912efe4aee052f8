import type { HistoryEntry } from '../contract/history.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { ChangeEntry } from './change-entry.ts';
import { showInteraction, type InteractionRecord } from './interaction.ts';
import { seenIn, type MessageRecord } from './message.ts';
import type { NoteRecord } from './note.ts';

const SHOWN_LETTERS = 300;

/** A cut must not leave half of an emoji. */
const beginning = (text: string): string => text.slice(0, SHOWN_LETTERS).replace(/[\ud800-\udbff]$/, '');

const writerOf = (clientId: ClientId, { direction, sender }: MessageRecord): HistoryEntry['actor'] => {
  if (sender.type === 'user' && sender.id !== null) return { type: 'user', id: sender.id };
  const isClient = direction === 'inbound' && sender.type !== 'system';
  return isClient ? { type: 'client', id: clientId } : { type: 'system', id: sender.id ?? 'system' };
};

/** What stands in a client's history, whichever of the clients that it is made of it was written of. */
export const historyOf = (clientId: ClientId, now: Date) => ({
  message: (message: MessageRecord): HistoryEntry => ({
    id: message.id,
    kind: 'message',
    type: message.direction === 'inbound' ? 'MessageReceived' : 'MessageQueued',
    at: message.createdAt,
    actor: writerOf(clientId, message),
    summary: beginning(message.text),
    data: seenIn(clientId)(message),
  }),
  note: (note: NoteRecord): HistoryEntry => ({
    id: note.id,
    kind: 'note',
    type: 'NoteCreated',
    at: note.createdAt,
    actor: { type: 'user', id: note.authorId },
    summary: beginning(note.text),
    data: { ...note, clientId },
  }),
  interaction: (interaction: InteractionRecord): HistoryEntry => ({
    id: interaction.id,
    kind: 'interaction',
    type: 'InteractionCreated',
    at: interaction.createdAt,
    actor: { type: 'user', id: interaction.userId },
    summary: interaction.subject,
    data: showInteraction(interaction, now, clientId),
  }),
  change: (entry: ChangeEntry): HistoryEntry =>
    entry.kind === 'interaction'
      ? { ...entry, summary: entry.data.subject, data: { ...entry.data, clientId } }
      : { ...entry, summary: [...new Set(entry.data.changes.map(({ field }) => field))].join(', ') },
});
