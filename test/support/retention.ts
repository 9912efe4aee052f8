import { v7 as uuidv7 } from 'uuid';
import { UserIdSchema, type ClientId, type TenantId, type UploadId } from '../../lib/contract/vocabulary.ts';
import type { Act } from '../../lib/domain/act.ts';
import { newInteraction, showInteraction } from '../../lib/domain/interaction.ts';
import type { AttachmentRecord } from '../../lib/domain/message.ts';
import { newNote } from '../../lib/domain/note.ts';
import { interactionEvent, noteEvent } from '../../lib/domain/occurrence.ts';
import { insertInteraction } from '../../lib/table/interactions.ts';
import { insertNote } from '../../lib/table/notes.ts';
import { newAct } from './builders.ts';

const DAY_MS = 24 * 3600 * 1000;
const ana = UserIdSchema.parse('ana');

/** Whatever is done so many days ago: its time, and the ids that are made. */
export const daysAgo = (tenant: TenantId, days: number): Act => {
  const at = Date.now() - days * DAY_MS;
  let count = 0;
  return newAct({
    tenant,
    now: () => new Date(at + count),
    newId: () => {
      count += 1;
      return uuidv7({ msecs: at + count });
    },
  });
};

export const writeNote = async (act: Act, clientId: ClientId, text: string, isPrivate = false) => {
  const note = newNote(act, clientId, { userId: ana, role: 'admin' }, { text, type: 'general', private: isPrivate });
  await insertNote(act.tenant, note, noteEvent(act, 'NoteCreated', note), []);
  return note;
};

/** A file in a message. */
export const attachment = (uploadId: UploadId): AttachmentRecord => ({
  uploadId,
  name: 'a.pdf',
  contentType: 'application/pdf',
  size: 12,
  state: 'stored',
  error: null,
  reference: '',
  fileId: '',
  tries: 0,
});

/** Planned for a time, or logged as it took place. */
export const meet = async (act: Act, clientId: ClientId, subject: string, scheduledAt: string | null) => {
  const completedAt = scheduledAt === null ? act.now().toISOString() : null;
  const input = { type: 'call', subject, description: null, scheduledAt, completedAt, outcome: null } as const;
  const interaction = newInteraction(act, clientId, ana, { ...input, durationMinutes: null });
  const event = interactionEvent(act, 'InteractionCreated', showInteraction(interaction, act.now()));
  await insertInteraction(act.tenant, interaction, [event], []);
  return interaction;
};
