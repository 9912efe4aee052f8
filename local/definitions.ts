import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { readDefinitions as readFunctionDefinitions } from '../resources/definitions.ts';
import { ROOT, STAGE } from './project.ts';

const ResourceSchema = z.object({ Type: z.string(), Properties: z.unknown().optional() });
const ResourceFileSchema = z.object({ Resources: z.record(z.string(), ResourceSchema).default({}) });
const ServiceSchema = z.object({ service: z.string() });
const TimingsSchema = z.object({ local: z.record(z.string(), z.number()) });

const functionResponseType = z.literal('ReportBatchItemFailures').optional();

// Strict: a setting that the local pollers do not honour must not look as if they did.
const QueueEventSchema = z.strictObject({
  arn: z.unknown(),
  batchSize: z.number().default(10),
  maximumBatchingWindow: z.number().optional(),
  maximumConcurrency: z.number().default(10),
  functionResponseType,
});
const StreamEventSchema = z.strictObject({
  type: z.literal('dynamodb'),
  arn: z.unknown(),
  startingPosition: z.literal('TRIM_HORIZON'),
  batchSize: z.number().default(100),
  functionResponseType,
  bisectBatchOnFunctionError: z.boolean().default(false),
  filterPatterns: z.array(z.record(z.string(), z.unknown())).default([]),
  // When records are given up, and where they go: on one machine the stream waits.
  maximumRecordAgeInSeconds: z.number().optional(),
  destinations: z.unknown().optional(),
});
const EventSchema = z.looseObject({
  sqs: QueueEventSchema.optional(),
  stream: StreamEventSchema.optional(),
  schedule: z.unknown().optional(),
});
type FunctionEvent = z.infer<typeof EventSchema>;
export type QueueEvent = z.infer<typeof QueueEventSchema>;
export type StreamEvent = z.infer<typeof StreamEventSchema>;

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
}

interface FunctionDefinition {
  readonly name: string;
  readonly events: readonly FunctionEvent[];
}

/** What a deployment would create, as written. */
export interface Definitions {
  readonly service: string;
  readonly timings: Readonly<Record<string, number>>;
  readonly resources: readonly Resource[];
  readonly functions: readonly FunctionDefinition[];
  /** The functions' variables. */
  readonly environment: Readonly<Record<string, unknown>>;
}

/** @throws Error naming the file and what in it is not understood */
const read = <Schema extends z.ZodType>(schema: Schema, ...path: string[]): z.output<Schema> => {
  const parsed = schema.safeParse(parse(readFileSync(join(ROOT, ...path), 'utf8'), { merge: true }) ?? {});
  if (parsed.success) return parsed.data;
  throw new Error(`${path.join('/')}: ${z.prettifyError(parsed.error)}`);
};

const readResources = (): Resource[] =>
  readdirSync(join(ROOT, 'resources'))
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => Object.entries(read(ResourceFileSchema, 'resources', name).Resources))
    .map(([id, { Type, Properties }]) => ({ id, type: Type, properties: Properties }));

const readFunctions = (service: string): FunctionDefinition[] =>
  readFunctionDefinitions(ROOT).map(({ key, events }) => {
    const parsed = z.array(EventSchema).safeParse(events);
    if (!parsed.success) throw new Error(`${key} in functions.yml: ${z.prettifyError(parsed.error)}`);
    return { name: `${service}-${STAGE}-${key}`, events: parsed.data };
  });

/** Reads serverless.yml, resources and functions: one source for AWS and for one machine. */
export const readDefinitions = (): Definitions => {
  const { service } = read(ServiceSchema, 'serverless.yml');
  return {
    service,
    timings: read(TimingsSchema, 'resources', 'timings.yml').local,
    resources: readResources(),
    functions: readFunctions(service),
    environment: read(z.record(z.string(), z.unknown()), 'resources', 'environment.yml'),
  };
};
