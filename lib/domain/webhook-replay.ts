import * as z from 'zod';
import { ReplayFilterSchema, type WebhookReplay } from '../contract/webhook-endpoints.ts';
import { EventIdSchema, WebhookEndpointIdSchema } from '../contract/vocabulary.ts';
import type { JobRecord } from './job.ts';

/** Where a replay of many stands. */
export const ReplayPositionSchema = z.object({
  filter: ReplayFilterSchema,
  /** The last that was looked at. */
  after: EventIdSchema.nullable(),
});

/** A replay as the API shows it. */
export const replayView = ({
  id,
  subjectId,
  state,
  position,
  progress,
  error,
  createdAt,
  finishedAt,
}: JobRecord): WebhookReplay => ({
  id,
  endpointId: WebhookEndpointIdSchema.parse(subjectId),
  state,
  filter: ReplayPositionSchema.parse(position).filter,
  replayed: progress.done,
  error,
  createdAt,
  finishedAt,
});
