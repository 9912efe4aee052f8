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

export const DetailedHealthSchema = z
  .object({
    status: z.enum(['ok', 'failing']),
    checks: z.record(z.string(), z.object({ status: z.enum(['ok', 'failing']), milliseconds: z.number() })),
  })
  .meta({ id: 'Health' });

export const checkHealthDetailed = route({
  id: 'checkHealthDetailed',
  method: 'GET',
  path: '/health/detailed',
  tag,
  summary: 'What works and what does not: table, queues, bus. 503 when something does not',
  permission: null,
  result: DetailedHealthSchema,
  statuses: [200, 503],
});
