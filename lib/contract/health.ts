import * as z from 'zod';
import { route } from './route.ts';

const tag = 'Health';
const StatusSchema = z.object({ status: z.enum(['ok', 'failing']) });

export const checkHealth = route({
  id: 'checkHealth',
  method: 'GET',
  path: '/health',
  tag,
  summary: 'Is the service up?',
  permission: null,
  result: StatusSchema,
});

export const checkLiveness = route({
  id: 'checkLiveness',
  method: 'GET',
  path: '/health/live',
  tag,
  summary: 'Does the process answer?',
  permission: null,
  result: StatusSchema,
});

export const checkReadiness = route({
  id: 'checkReadiness',
  method: 'GET',
  path: '/health/ready',
  tag,
  summary: 'Can it do its work? 503 when it cannot',
  permission: null,
  result: StatusSchema,
  statuses: [200, 503],
});

const CheckStatusSchema = z.enum(['ok', 'degraded', 'failing']).meta({
  id: 'HealthStatus',
  description: 'degraded: requests are served, and something that they lead to waits',
});
/** Not a number: strangers ask. */
const BandSchema = z.enum(['none', 'few', 'some', 'many']).meta({
  id: 'HealthBand',
  description: 'few: under 10; some: under 100',
});

export const DetailedHealthSchema = z
  .object({
    status: CheckStatusSchema,
    checks: z.record(
      z.string(),
      z.object({
        status: CheckStatusSchema,
        milliseconds: z.int().optional().meta({ description: 'How long it took to answer' }),
        waiting: BandSchema.optional().meta({ description: 'How much stands in a queue' }),
        ageSeconds: z.int().optional().meta({ description: 'For how long the oldest waits' }),
        count: BandSchema.optional(),
      }),
    ),
  })
  .meta({ id: 'Health' });
export type DetailedHealth = z.infer<typeof DetailedHealthSchema>;

export const checkHealthDetailed = route({
  id: 'checkHealthDetailed',
  method: 'GET',
  path: '/health/detailed',
  tag,
  summary: 'What works, what waits and for how long; 503 when requests cannot be served',
  permission: null,
  result: DetailedHealthSchema,
  statuses: [200, 503],
});
