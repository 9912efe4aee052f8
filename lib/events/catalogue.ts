import * as z from 'zod';
import { ChannelSchema } from '../contract/channels.ts';
import { ChatSchema } from '../contract/chats.ts';
import { ClientSchema } from '../contract/clients.ts';
import { CustomFieldSchema } from '../contract/custom-fields.ts';
import { DeadLetterSchema } from '../contract/dead-letters.ts';
import { ExportSchema } from '../contract/exports.ts';
import { ImportSchema } from '../contract/imports.ts';
import { InteractionSchema } from '../contract/interactions.ts';
import { MemberSchema, MessageSchema } from '../contract/messages.ts';
import { NoteSchema } from '../contract/notes.ts';
import { SettingsSchema } from '../contract/settings.ts';
import { ErasureReferenceSchema, ExportReferenceSchema, LegalHoldSchema } from '../contract/privacy.ts';
import { SegmentSchema } from '../contract/segments.ts';
import { TemplateSchema } from '../contract/templates.ts';
import { UploadSchema } from '../contract/uploads.ts';
import { WebhookEndpointSchema } from '../contract/webhook-endpoints.ts';
import { UserSchema } from '../contract/users.ts';
import { ClientIdSchema, MergeIdSchema } from '../contract/vocabulary.ts';
import { envelopeOf } from './envelope.ts';

const client = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'client', ClientSchema, description);

/** A client, the one that was merged into it, and which merge it was. */
export const MergedClientSchema = ClientSchema.extend({ absorbedId: ClientIdSchema, mergeId: MergeIdSchema });

const merged = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'client', MergedClientSchema, description);

const chat = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'chat', ChatSchema, description);

const message = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'message', MessageSchema, description);

const channel = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'channel', ChannelSchema, description);

/** All that is ever told of a private note: that it is there, and whose it is. */
export const NoteReferenceSchema = NoteSchema.pick({ id: true, clientId: true, private: true, authorId: true });

const NoteDataSchema = z.discriminatedUnion('private', [
  NoteSchema.extend({ private: z.literal(false) }).meta({ id: 'PublicNote' }),
  NoteReferenceSchema.extend({ private: z.literal(true) }).meta({ id: 'PrivateNote' }),
]);

const note = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'note', NoteDataSchema, description);

const interaction = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'interaction', InteractionSchema, description);

const segment = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'segment', SegmentSchema, description);

const template = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'template', TemplateSchema, description);

const upload = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'upload', UploadSchema, description);

const erasure = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'client', ErasureReferenceSchema, description);

const legalHold = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'client', LegalHoldSchema, description);

/** The subject's id is the chat's: a member's own may hold a phone number, and subjects are kept for good. */
const member = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'member', MemberSchema, description);

const customField = <Type extends string>(type: Type, description: string) =>
  envelopeOf(type, 'customField', CustomFieldSchema, description);

const events = [
  client('ClientCreated', 'A client was added, by a user or by its first message.'),
  client('ClientUpdated', "A client's profile, contacts or tags changed."),
  client('ClientDeleted', 'A client was hidden with its chat; it can be restored.'),
  client('ClientRestored', 'A deleted client, or one that was merged into another, was brought back.'),
  merged(
    'ClientMerged',
    'Another client was merged into this one: `absorbedId` leads here now, with all that belonged to it.',
  ),
  merged('ClientUnmerged', 'A merge was undone: `absorbedId` is a client of its own again.'),
  client('ClientTagged', 'A client was given tags.'),
  client('ClientUntagged', 'Tags were taken from a client.'),
  client('ContactOptedOut', 'A client refuses messages to one of its addresses, for a purpose.'),
  client('ContactOptedIn', 'A client allows messages to one of its addresses, for a purpose.'),
  chat('ChatCreated', 'A chat was opened, by a user or by its first message.'),
  chat('ChatUpdated', "A chat's status, assignee or unread count changed."),
  member('MemberAdded', 'A member was added to a chat by hand. Who writes becomes one without this.'),
  member('MemberRemoved', 'A member was removed from a chat by hand.'),
  message('MessageReceived', 'A client wrote.'),
  message('MessageScheduled', 'A message waits for the time at which it is to be sent.'),
  message('MessageRescheduled', 'A scheduled message was changed, or is to be sent at another time.'),
  message('MessageCancelled', 'A scheduled message will not be sent.'),
  message('MessageQueued', 'A message waits to be sent: it is new, or its last attempt was provably not accepted.'),
  message('MessageSent', 'The provider accepted a message.'),
  message('MessageDelivered', "The provider delivered a message to the client's device."),
  message('MessageRead', 'A message was read: an outbound one by the client, an inbound one by a user.'),
  message('MessageFailed', 'A message was refused, or given up.'),
  message('AttachmentStored', "A client's file was fetched from its provider, and can be opened."),
  message('AttachmentFailed', "A client's file could not be fetched, and is not tried again by itself."),
  message(
    'AttachmentRetried',
    "A client's file is to be fetched again: a user asked for it, or it was not fetched in time.",
  ),
  upload('UploadCreated', 'A user announced a file.'),
  upload('UploadStored', 'The bytes of an upload are what they were announced to be, and are kept.'),
  upload('UploadRefused', 'The bytes of an upload are not what they were announced to be.'),
  message('MessageUnknown', 'Whether the provider accepted a message is not known yet.'),
  channel('ChannelConnected', 'A number or bot was connected.'),
  channel('ChannelUpdated', "A channel's status, credentials or choices changed."),
  channel('ChannelDisconnected', 'A channel was disconnected.'),
  channel('ChannelFailing', 'A channel keeps failing; its messages wait.'),
  channel('ChannelRecovered', 'A failing channel works again.'),
  note('NoteCreated', 'A note about a client was written. Of a private one nothing is told but its ids.'),
  note('NoteUpdated', 'A note was changed, made private, or made public.'),
  note('NoteDeleted', 'A note was removed.'),
  interaction('InteractionCreated', 'An interaction with a client was planned, or logged.'),
  interaction('InteractionUpdated', 'An interaction was changed.'),
  interaction('InteractionCompleted', 'An interaction was completed, or logged after it took place: once for each.'),
  template('TemplateCreated', 'A template was added.'),
  template('TemplateUpdated', 'The text of a template changed.'),
  template('TemplateDeleted', 'A template was removed.'),
  segment('SegmentCreated', 'A segment was added; its members are still to be found.'),
  segment('SegmentUpdated', "A segment's name or filter changed; after another filter its members are found anew."),
  segment('SegmentBuilt', 'All clients were looked at: who is found by the segment is its member.'),
  segment('SegmentDeleted', 'A segment was removed; its clients stay.'),
  envelopeOf('ClientExported', 'client', ExportReferenceSchema, 'An export of a client was made.'),
  erasure('ClientErasureRequested', 'A client is hidden for good, and all there is of it is about to go.'),
  erasure('ClientErased', 'A client was erased: nothing of it is left but a receipt.'),
  legalHold('LegalHoldSet', 'A client was put under a legal hold, or its reason changed: it cannot be erased.'),
  legalHold('LegalHoldLifted', 'A legal hold was lifted.'),
  customField('CustomFieldCreated', 'A custom field of clients was defined.'),
  customField('CustomFieldUpdated', 'A custom field was changed, or is in service again after it was retired.'),
  customField('CustomFieldRetired', 'A custom field was retired: its values stay as they are.'),
  customField('CustomFieldDeleted', 'A custom field that no client had a value in was removed.'),
  envelopeOf('ImportCreated', 'import', ImportSchema, 'An import was prepared; its file is still to be uploaded.'),
  envelopeOf('ImportStarted', 'import', ImportSchema, 'An import, or a try of one, was started or resumed.'),
  envelopeOf('ImportFinished', 'import', ImportSchema, 'An import came to an end, whichever: its state says which.'),
  envelopeOf('ExportStarted', 'export', ExportSchema, 'A user asked for clients in a file.'),
  envelopeOf('ExportFinished', 'export', ExportSchema, 'A file of clients was written, or given up.'),
  envelopeOf(
    'DeadLetterRedriven',
    'deadLetter',
    DeadLetterSchema,
    'What could not be handled was put back where it came from.',
  ),
  envelopeOf('DeadLetterDiscarded', 'deadLetter', DeadLetterSchema, 'What could not be handled was removed for good.'),
  envelopeOf('WebhookEndpointCreated', 'webhookEndpoint', WebhookEndpointSchema, 'Another system is told of events.'),
  envelopeOf(
    'WebhookEndpointUpdated',
    'webhookEndpoint',
    WebhookEndpointSchema,
    'Where, or of what, another system is told changed.',
  ),
  envelopeOf(
    'WebhookEndpointDisabled',
    'webhookEndpoint',
    WebhookEndpointSchema,
    'Another system took nothing for days, or is gone: it is told no more.',
  ),
  envelopeOf('WebhookEndpointDeleted', 'webhookEndpoint', WebhookEndpointSchema, 'Another system is told no more.'),
  envelopeOf('UserCreated', 'user', UserSchema, 'Somebody came with a first token.'),
  envelopeOf('UserUpdated', 'user', UserSchema, 'What is known of a user, or set by one, changed.'),
  envelopeOf('SettingsUpdated', 'settings', SettingsSchema, "The tenant's settings changed."),
] as const;

/** Everything that is announced; `type` is EventBridge's `detail-type`. */
export const DomainEventSchema = z.discriminatedUnion('type', events);
export type DomainEvent = z.infer<typeof DomainEventSchema>;

/** The schemas by their type. */
export const catalogue = Object.fromEntries(events.map((event) => [event.shape.type.value, event]));

export type EventType = DomainEvent['type'];
export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;
