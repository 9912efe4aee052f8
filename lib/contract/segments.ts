import * as z from 'zod';
import { ClientSchema } from './clients.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { SegmentFilterSchema } from './segment-filter.ts';
import { InstantSchema, SegmentIdSchema } from './vocabulary.ts';

export const SegmentInputSchema = z
  .strictObject({ name: z.string().trim().min(1).max(100), filter: SegmentFilterSchema })
  .meta({ id: 'SegmentInput' });
export type SegmentInput = z.infer<typeof SegmentInputSchema>;

/** How far a segment is built. */
export const SegmentStateSchema = z.object({
  status: z
    .enum(['building', 'ready', 'failed'])
    .meta({ description: 'building: not all members are found yet. failed: replace the segment to build it again' }),
  progress: z.object({
    done: z.int().min(0).meta({ description: 'How many clients were looked at' }),
    total: z.int().min(0).nullable().meta({ description: 'null until all were looked at' }),
  }),
  memberCount: z.int().min(0),
});
export type SegmentState = z.infer<typeof SegmentStateSchema>;

export const SegmentSchema = z
  .object({
    id: SegmentIdSchema,
    name: z.string(),
    filter: SegmentFilterSchema,
    ...SegmentStateSchema.shape,
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof SegmentSchema>;

/** As much of a client as lists of members show. */
export const ClientSummarySchema = ClientSchema.pick({
  id: true,
  firstName: true,
  lastName: true,
  phone: true,
  email: true,
  preferredTransport: true,
  createdAt: true,
}).meta({ id: 'ClientSummary' });
export type ClientSummary = z.infer<typeof ClientSummarySchema>;

export const SegmentMemberSchema = ClientSummarySchema.extend({
  since: InstantSchema.meta({ description: 'When the client was found to belong' }),
}).meta({ id: 'SegmentMember' });
export type SegmentMember = z.infer<typeof SegmentMemberSchema>;

export const PreviewInputSchema = z
  .strictObject({
    filter: SegmentFilterSchema,
    cursor: z.string().min(1).max(4096).optional().meta({ description: 'cursor of the answer before' }),
  })
  .meta({ id: 'SegmentPreviewInput' });

export const PreviewSchema = z
  .object({
    count: z.int().min(0).meta({ description: 'How many clients were found so far, since the first request' }),
    complete: z.boolean().meta({ description: 'Whether all clients were looked at, so that count is exact' }),
    cursor: z.string().nullable().meta({ description: 'Ask again with this to go on counting' }),
    sample: z.array(ClientSummarySchema).max(10).meta({ description: 'Some of those this request found' }),
  })
  .meta({ id: 'SegmentPreview' });
export type Preview = z.infer<typeof PreviewSchema>;

const segmentPath = z.strictObject({ segmentId: SegmentIdSchema });
const tag = 'Segments';

export const listSegments = route({
  id: 'listSegments',
  method: 'GET',
  path: '/crm/segments',
  tag,
  summary: 'Lists segments, newest first',
  permission: 'Segment.Read',
  query: PageQuerySchema,
  result: pageOf(SegmentSchema),
  problems: ['cursor.invalid'],
});

export const createSegment = route({
  id: 'createSegment',
  method: 'POST',
  path: '/crm/segments',
  tag,
  summary: 'Adds a segment; its members are found after the answer',
  permission: 'Segment.Create',
  body: SegmentInputSchema,
  result: SegmentSchema,
  statuses: [201],
  problems: ['segment.duplicate', 'segment.limit'],
  creates: true,
});

export const previewSegment = route({
  id: 'previewSegment',
  method: 'POST',
  path: '/crm/segments/preview',
  tag,
  summary: 'Counts whom a filter finds, without keeping anything',
  permission: 'Segment.Create',
  body: PreviewInputSchema,
  result: PreviewSchema,
  problems: ['cursor.invalid'],
});

export const getSegment = route({
  id: 'getSegment',
  method: 'GET',
  path: '/crm/segments/{segmentId}',
  tag,
  summary: 'Gets a segment',
  permission: 'Segment.Read',
  params: segmentPath,
  result: SegmentSchema,
  problems: ['resource.not-found'],
});

export const replaceSegment = route({
  id: 'replaceSegment',
  method: 'PUT',
  path: '/crm/segments/{segmentId}',
  tag,
  summary: 'Replaces a segment; with another filter its members are found anew',
  permission: 'Segment.Update',
  params: segmentPath,
  body: SegmentInputSchema,
  result: SegmentSchema,
  problems: ['resource.not-found', 'segment.duplicate', 'version.stale'],
});

export const deleteSegment = route({
  id: 'deleteSegment',
  method: 'DELETE',
  path: '/crm/segments/{segmentId}',
  tag,
  summary: 'Deletes a segment; its clients stay',
  permission: 'Segment.Delete',
  params: segmentPath,
  problems: ['resource.not-found', 'version.stale'],
});

export const listSegmentClients = route({
  id: 'listSegmentClients',
  method: 'GET',
  path: '/crm/segments/{segmentId}/clients',
  tag,
  summary: 'Lists the clients of a segment, the newest clients first; while it is built, those found so far',
  permission: 'Segment.Read',
  params: segmentPath,
  query: PageQuerySchema,
  result: pageOf(SegmentMemberSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});
