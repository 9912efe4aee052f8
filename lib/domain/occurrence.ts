import type * as z from 'zod';
import { ChannelSchema } from '../contract/channels.ts';
import { ChatSchema } from '../contract/chats.ts';
import { ClientSchema } from '../contract/clients.ts';
import { CustomFieldSchema } from '../contract/custom-fields.ts';
import { DeadLetterSchema } from '../contract/dead-letters.ts';
import { ExportSchema } from '../contract/exports.ts';
import { ImportSchema } from '../contract/imports.ts';
import { InteractionSchema } from '../contract/interactions.ts';
import { MemberSchema, MessageSchema } from '../contract/messages.ts';
import { NoteSchema, type Note } from '../contract/notes.ts';
import { SettingsSchema } from '../contract/settings.ts';
import { ErasureReferenceSchema, ExportReferenceSchema, LegalHoldSchema } from '../contract/privacy.ts';
import { SegmentSchema } from '../contract/segments.ts';
import { TemplateSchema } from '../contract/templates.ts';
import { UploadSchema } from '../contract/uploads.ts';
import { WebhookEndpointSchema } from '../contract/webhook-endpoints.ts';
import { UserSchema } from '../contract/users.ts';
import { DomainEventSchema, MergedClientSchema, NoteReferenceSchema, type DomainEvent } from '../events/catalogue.ts';
import { instant, type Act } from './act.ts';
import { changedFields } from './changes.ts';
import type { ChatRecord } from './chat.ts';
import { isCompletion, showInteraction, type InteractionRecord } from './interaction.ts';
import { showChat } from './whatsapp-window.ts';

type Subject = DomainEvent['subject']['type'];
type TypeAbout<About extends Subject> = Extract<DomainEvent, { subject: { type: About } }>['type'];

interface Particulars<Data> {
  readonly idOf: (data: Data, act: Act) => string;
  readonly correlationIdOf?: (data: Data, act: Act) => string;
}

/** Makes what announces something about a kind of subject: the entity as the API shows it, and what it was before. */
const about =
  <About extends Subject, Shape extends z.ZodRawShape>(
    subject: About,
    schema: z.ZodObject<Shape>,
    { idOf, correlationIdOf = (_, act) => act.correlationId }: Particulars<z.output<z.ZodObject<Shape>>>,
  ) =>
  (
    act: Act,
    type: TypeAbout<About>,
    after: z.input<z.ZodObject<Shape>>,
    before?: z.input<z.ZodObject<Shape>>,
  ): DomainEvent => {
    const data = schema.parse(after);
    return DomainEventSchema.parse({
      type,
      id: act.newId(),
      version: 1,
      tenantId: act.tenant,
      occurredAt: instant(act.now()),
      actor: act.actor,
      correlationId: correlationIdOf(data, act),
      subject: { type: subject, id: idOf(data, act) },
      data,
      ...(before !== undefined && { previous: changedFields(schema.parse(before), data) }),
    });
  };

const ownId = { idOf: ({ id }: { readonly id: string }) => id };

export const clientEvent = about('client', ClientSchema, ownId);
export const mergeEvent = about('client', MergedClientSchema, ownId);
const shownChatEvent = about('chat', ChatSchema, ownId);
export const chatEvent = (act: Act, type: TypeAbout<'chat'>, after: ChatRecord, before?: ChatRecord): DomainEvent =>
  shownChatEvent(act, type, showChat(after, act.now()), before && showChat(before, act.now()));

/** What those who follow the inbox are told of a chat that was joined or parted: nothing where it looks as before. */
export const continuation = (act: Act, before: ChatRecord, after: ChatRecord): DomainEvent[] => {
  if (after.openedAt === null && before.openedAt === null) return [];
  if (before.openedAt === null) return [chatEvent(act, 'ChatCreated', after)];
  const event = chatEvent(act, 'ChatUpdated', after, before);
  return Object.keys(event.previous ?? {}).length === 0 ? [] : [event];
};

export const memberEvent = about('member', MemberSchema, { idOf: ({ chatId }) => chatId });
export const customFieldEvent = about('customField', CustomFieldSchema, ownId);
export const channelEvent = about('channel', ChannelSchema, ownId);
export const uploadEvent = about('upload', UploadSchema, ownId);
export const segmentEvent = about('segment', SegmentSchema, ownId);
export const templateEvent = about('template', TemplateSchema, ownId);
export const interactionEvent = about('interaction', InteractionSchema, ownId);

/** What became of an interaction. That it is completed is told once, and then in place of what else changed. */
export const interactionChange = (act: Act, after: InteractionRecord, before: InteractionRecord): DomainEvent => {
  const now = act.now();
  const type = isCompletion(after, before) ? 'InteractionCompleted' : 'InteractionUpdated';
  return interactionEvent(act, type, showInteraction(after, now), showInteraction(before, now));
};

export const importEvent = about('import', ImportSchema, ownId);
export const sheetEvent = about('export', ExportSchema, ownId);

const publicNoteEvent = about('note', NoteSchema, ownId);
const privateNoteEvent = about('note', NoteReferenceSchema, ownId);

/** Of a private note nothing is told but its ids, neither of what it says nor, once it is public, of what it said before. */
export const noteEvent = (act: Act, type: TypeAbout<'note'>, after: Note, before?: Note): DomainEvent =>
  after.private
    ? privateNoteEvent(act, type, after, before)
    : publicNoteEvent(act, type, after, before?.private === true ? { ...after, private: true } : before);

/** What the system does to a message belongs to the request that the message came from. */
export const messageEvent = about('message', MessageSchema, {
  ...ownId,
  correlationIdOf: ({ correlationId }, act) => (act.actor.type === 'system' ? correlationId : act.correlationId),
});

const ofClient = { idOf: ({ clientId }: { readonly clientId: string }) => clientId };

export const exportEvent = about('client', ExportReferenceSchema, ofClient);
export const erasureEvent = about('client', ErasureReferenceSchema, ofClient);
export const legalHoldEvent = about('client', LegalHoldSchema, ofClient);

export const deadLetterEvent = about('deadLetter', DeadLetterSchema, ownId);

export const webhookEndpointEvent = about('webhookEndpoint', WebhookEndpointSchema, ownId);
export const userEvent = about('user', UserSchema, ownId);

/** A tenant has one set of settings. */
export const settingsEvent = about('settings', SettingsSchema, { idOf: (_, { tenant }) => tenant });
