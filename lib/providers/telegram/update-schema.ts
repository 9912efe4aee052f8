import * as z from 'zod';

/** The parts of https://core.telegram.org/bots/api#update used here, read leniently: Telegram adds fields and kinds. */
const FileSchema = z.object({
  file_id: z.string().min(1),
  file_size: z.number().optional(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
});
export type TelegramFile = z.infer<typeof FileSchema>;

const UserSchema = z.object({
  id: z.number(),
  first_name: z.string().catch(''),
  last_name: z.string().optional(),
  username: z.string().optional(),
});
export type TelegramUser = z.infer<typeof UserSchema>;

const ChatSchema = z.object({ id: z.number(), type: z.string() });

const LocationSchema = z.object({ latitude: z.number(), longitude: z.number() });

/** https://core.telegram.org/bots/api#message */
const MessageSchema = z.looseObject({
  message_id: z.number(),
  date: z.number(),
  edit_date: z.number().optional(),
  chat: ChatSchema,
  from: UserSchema.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  photo: z
    .array(FileSchema.extend({ width: z.number().catch(0), height: z.number().catch(0) }))
    .min(1)
    .optional(),
  document: FileSchema.optional(),
  animation: FileSchema.optional(),
  video: FileSchema.optional(),
  video_note: FileSchema.optional(),
  audio: FileSchema.optional(),
  voice: FileSchema.optional(),
  sticker: FileSchema.extend({
    emoji: z.string().optional(),
    is_animated: z.boolean().optional(),
    is_video: z.boolean().optional(),
  }).optional(),
  contact: z.object({ phone_number: z.string(), first_name: z.string(), last_name: z.string().optional() }).optional(),
  location: LocationSchema.optional(),
  venue: z.object({ location: LocationSchema, title: z.string(), address: z.string().catch('') }).optional(),
  poll: z.object({ question: z.string() }).optional(),
  dice: z.object({ emoji: z.string(), value: z.number() }).optional(),
});
export type TelegramMessage = z.infer<typeof MessageSchema>;

/** https://core.telegram.org/bots/api#chatmemberupdated */
const MemberChangeSchema = z.object({
  chat: ChatSchema,
  from: UserSchema,
  date: z.number(),
  new_chat_member: z.object({ status: z.string() }),
});
export type TelegramMemberChange = z.infer<typeof MemberChangeSchema>;

export const UpdateSchema = z.looseObject({
  update_id: z.number(),
  message: MessageSchema.optional(),
  edited_message: MessageSchema.optional(),
  my_chat_member: MemberChangeSchema.optional(),
});
export type TelegramUpdate = z.infer<typeof UpdateSchema>;
