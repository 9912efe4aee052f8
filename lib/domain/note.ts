import * as z from 'zod';
import { NoteSchema, type NewNote, type NoteReplacement } from '../contract/notes.ts';
import { NoteIdSchema, type ClientId, type Role, type UserId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { Failure } from './failure.ts';

/** A note as it is stored; `clientId` names the collection it stands in. */
export const NoteRecordSchema = NoteSchema.extend({ revision: z.int() });
export type NoteRecord = z.infer<typeof NoteRecordSchema>;

/** Who reads or writes notes. */
export interface NoteUser {
  readonly userId: UserId;
  readonly role: Role;
}

export const newNote = (act: Act, clientId: ClientId, { userId }: NoteUser, input: NewNote): NoteRecord => {
  const createdAt = instant(act.now());
  return {
    ...input,
    id: NoteIdSchema.parse(act.newId()),
    clientId,
    authorId: userId,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    revision: 1,
  };
};

const notYours = (detail: string): Failure => new Failure('note.not-yours', detail);

/**
 * Agents change their own notes only. That a private note of somebody else is there nobody gets to know, so it never
 * comes this far.
 *
 * @throws Failure `note.not-yours`
 */
export const requireChangeable = ({ authorId }: NoteRecord, { userId, role }: NoteUser): void => {
  if (role === 'agent' && authorId !== userId) throw notYours('An agent can change and remove only its own notes.');
};

/** @throws Failure `note.not-yours` also for hiding what somebody else wrote */
export const replaceNote = (act: Act, before: NoteRecord, input: NoteReplacement, user: NoteUser): NoteRecord => {
  requireChangeable(before, user);
  const hidden = input.private ?? before.private;
  if (hidden !== before.private && before.authorId !== user.userId) {
    throw notYours('Only its author can make a note private.');
  }
  return {
    ...before,
    ...input,
    private: hidden,
    updatedAt: instant(act.now()),
    version: before.version + 1,
  };
};
