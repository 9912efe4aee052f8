import type * as z from 'zod';
import { ChannelSchema } from '../contract/channels.ts';
import { ChatSchema } from '../contract/chats.ts';
import { ClientSchema } from '../contract/clients.ts';
import { MessageSchema } from '../contract/messages.ts';
import { SettingsSchema } from '../contract/operations.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { instant, type Act } from './act.ts';
import { changedFields } from './changes.ts';

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
export const chatEvent = about('chat', ChatSchema, ownId);
export const channelEvent = about('channel', ChannelSchema, ownId);

/** What the system does to a message belongs to the request that the message came from. */
export const messageEvent = about('message', MessageSchema, {
  ...ownId,
  correlationIdOf: ({ correlationId }, act) => (act.actor.type === 'system' ? correlationId : act.correlationId),
});

/** A tenant has one set of settings. */
export const settingsEvent = about('settings', SettingsSchema, { idOf: (_, { tenant }) => tenant });
