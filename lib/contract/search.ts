import * as z from 'zod';
import { ClientSchema } from './clients.ts';
import { MessageSchema } from './messages.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ChatIdSchema } from './vocabulary.ts';

const tag = 'Search';

const TextSchema = z.string().trim().min(1).max(200).meta({
  description: 'Up to eight words, all of which have to be there; case, accents and alphabet do not matter',
  example: 'Shohruh 4567',
});

/** A day is a day of UTC. */
const SinceSchema = z.union([
  z.iso.datetime({ offset: true }).transform((instant) => new Date(instant).toISOString()),
  z.iso.date().transform((day) => `${day}T00:00:00.000Z`),
]);
const UntilSchema = z.union([
  z.iso.datetime({ offset: true }).transform((instant) => new Date(instant).toISOString()),
  z.iso.date().transform((day) => `${day}T23:59:59.999Z`),
]);

export const searchClients = route({
  id: 'searchClients',
  method: 'GET',
  path: '/crm/clients/search',
  tag,
  summary:
    'Finds clients by what names, e-mail addresses, tags and numbers begin with, how phone numbers begin or end, and words of comments, custom fields and notes; newest first',
  permission: 'Client.Read',
  query: PageQuerySchema.extend({ q: TextSchema }),
  result: pageOf(ClientSchema),
  problems: ['search.empty', 'search.limit', 'cursor.invalid'],
});

export const searchMessages = route({
  id: 'searchMessages',
  method: 'GET',
  path: '/crm/messages/search',
  tag,
  summary: 'Finds messages by their words, newest first; in one chat, from a day or moment, up to one',
  permission: 'Message.Read',
  query: PageQuerySchema.extend({
    q: TextSchema,
    chatId: ChatIdSchema.optional(),
    from: SinceSchema.optional().meta({ description: 'A moment, or a day of UTC; included' }),
    to: UntilSchema.optional().meta({ description: 'A moment, or a day of UTC; included' }),
  }),
  result: pageOf(MessageSchema),
  problems: ['search.empty', 'search.limit', 'cursor.invalid', 'resource.not-found', 'client.merged'],
});
