import { messagePath, MessageSchema, sending } from './messages.ts';
import { ScheduledMessageSchema } from './new-message.ts';
import { route } from './route.ts';

const path = '/crm/chats/{chatId}/messages/{messageId}';
const tag = 'Messages';

export const changeMessage = route({
  id: 'changeMessage',
  method: 'PUT',
  path,
  tag,
  summary: 'Replaces a scheduled message, until its time has come',
  permission: 'Message.Send',
  params: messagePath,
  body: ScheduledMessageSchema,
  result: MessageSchema,
  problems: [...sending, 'message.not-scheduled', 'version.stale'],
});

export const cancelMessage = route({
  id: 'cancelMessage',
  method: 'DELETE',
  path,
  tag,
  summary: 'Cancels a scheduled message, until its time has come; it stays to be seen',
  permission: 'Message.Send',
  params: messagePath,
  problems: ['resource.not-found', 'message.not-scheduled', 'version.stale'],
});
