import * as z from 'zod';
import { ChatStatusSchema } from './chats.ts';
import { ContactTypeSchema, TagSchema } from './clients.ts';
import { ChannelIdSchema, InstantSchema, TransportSchema, UserIdSchema } from './vocabulary.ts';

const MOST_CONDITIONS = 20;
const MOST_VALUES = 50;
const MOST_BYTES = 8_000;

const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MOST_VALUES);
const days = z.int().min(1).max(36_500);

const TagsConditionSchema = z.strictObject({
  field: z.literal('tags'),
  operator: z.enum(['any', 'all', 'none']),
  tags: some(TagSchema),
});

const customField = { field: z.literal('customField'), name: z.string().min(1).max(64) };
const valueOfAnyType = z.union([z.string().max(1000), z.number(), z.boolean()]);

/** Numbers are compared with numbers and dates with dates; what is of another type holds for none. */
const CustomFieldConditionSchema = z.discriminatedUnion('operator', [
  z.strictObject({ ...customField, operator: z.enum(['present', 'absent']) }),
  z.strictObject({ ...customField, operator: z.enum(['equals', 'not-equals']), value: valueOfAnyType }),
  z.strictObject({ ...customField, operator: z.literal('in'), values: some(valueOfAnyType) }),
  z.strictObject({ ...customField, operator: z.literal('contains'), value: z.string().min(1).max(1000) }),
  z.strictObject({
    ...customField,
    operator: z.enum(['less', 'at-most', 'greater', 'at-least']),
    value: z.union([z.number(), z.iso.date()]),
  }),
]);

const ContactConditionSchema = z.strictObject({
  field: z.literal('contact'),
  operator: z.enum(['has', 'lacks']),
  type: ContactTypeSchema,
});

const LastTransportConditionSchema = z.strictObject({
  field: z.literal('lastTransport'),
  operator: z.literal('in'),
  transports: some(TransportSchema),
});

const LastChannelConditionSchema = z.strictObject({
  field: z.literal('lastChannel'),
  operator: z.literal('in'),
  channelIds: some(ChannelIdSchema),
});

const ConsentConditionSchema = z.strictObject({
  field: z.literal('consent'),
  operator: z.enum(['opted-in', 'opted-out']),
  transport: TransportSchema,
});

const dateConditions = <Field extends string>(name: Field) => {
  const field = z.literal(name);
  return [
    z.strictObject({ field, operator: z.enum(['before', 'after']), at: InstantSchema }),
    z.strictObject({ field, operator: z.enum(['within-days', 'older-than-days']), days }),
  ] as const;
};
const lastMessageAt = z.literal('lastMessageAt');

const CreatedAtConditionSchema = z.discriminatedUnion('operator', [...dateConditions('createdAt')]);
const LastMessageAtConditionSchema = z.discriminatedUnion('operator', [
  ...dateConditions('lastMessageAt'),
  z.strictObject({ field: lastMessageAt, operator: z.literal('never') }),
]);

const AssigneeConditionSchema = z.discriminatedUnion('operator', [
  z.strictObject({ field: z.literal('assignee'), operator: z.literal('in'), userIds: some(UserIdSchema) }),
  z.strictObject({ field: z.literal('assignee'), operator: z.literal('unassigned') }),
]);

const StatusConditionSchema = z.strictObject({
  field: z.literal('status'),
  operator: z.literal('in'),
  statuses: some(ChatStatusSchema),
});

const ConditionSchema = z
  .discriminatedUnion('field', [
    TagsConditionSchema,
    CustomFieldConditionSchema,
    ContactConditionSchema,
    LastTransportConditionSchema,
    LastChannelConditionSchema,
    ConsentConditionSchema,
    CreatedAtConditionSchema,
    LastMessageAtConditionSchema,
    AssigneeConditionSchema,
    StatusConditionSchema,
  ])
  .meta({ id: 'SegmentCondition' });
export type Condition = z.infer<typeof ConditionSchema>;
export type ConditionOn<Field extends Condition['field']> = Extract<Condition, { field: Field }>;

/** Who belongs: whoever meets all conditions; without any, every client. */
export const SegmentFilterSchema = z
  .strictObject({ all: z.array(ConditionSchema).max(MOST_CONDITIONS).default([]) })
  .refine((filter) => new TextEncoder().encode(JSON.stringify(filter)).length <= MOST_BYTES, 'at most 8 KB altogether')
  .meta({ id: 'SegmentFilter' });
export type SegmentFilter = z.infer<typeof SegmentFilterSchema>;
