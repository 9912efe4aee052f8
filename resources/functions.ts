import { join } from 'node:path';
import * as z from 'zod';
import { type FunctionClass, classOf } from './classes.ts';
import { type Definition, type FunctionEvent, readDefinitions } from './definitions.ts';

const TimingsSchema = z.looseObject({ function: z.number(), job: z.number() });
type Timings = z.infer<typeof TimingsSchema>;

const root = join(import.meta.dirname, '..');

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

// osls validates the destination's type but does not know s3. It uses the type only to extend the role that
// it would make itself, and every function here has a role of its own.
const knownToOsls = (event: FunctionEvent): FunctionEvent => {
  if (!('stream' in event)) return event;
  const { onFailure } = event.stream.destinations;
  return { stream: { ...event.stream, destinations: { onFailure: { ...onFailure, type: 'sqs' } } } };
};

// serverless-offline would run schedules by itself, a second time beside `local/`.
const local = ({ handler, events }: Definition, { timeout, memorySize }: FunctionClass, timings: Timings) => ({
  handler,
  events: events.filter((event) => !('schedule' in event)).map(knownToOsls),
  timeout: timings[timeout],
  memorySize,
});

// The APIs of a deployed stage are made by api.ts and realtime.ts: routes here would make others. Log lines are JSON
// already; Lambda's own JSON format would impose its log level on LOG_LEVEL.
const deployed = ({ key, events }: Definition, type: FunctionClass, timings: Timings, stage: string) => ({
  handler: 'index.handler',
  events: events.filter((event) => !('httpApi' in event || 'websocket' in event)).map(knownToOsls),
  timeout: timings[type.timeout],
  memorySize: type.memorySize,
  // Beside resources/environment.yml, since one machine keeps to the default.
  environment: { REQUESTS_PER_SECOND: { Ref: 'RequestsPerSecond' } },
  role: `${capitalised(type.name)}Role`,
  dependsOn: [`${capitalised(type.name)}Logs`],
  disableLogs: true,
  logs: { logGroup: `/parley/${stage}/${type.name}` },
  tracing: 'Active',
  package: { artifact: `.build/${key}.zip` },
});

/** What serverless hands to a configuration file that is a function. */
export interface Resolver {
  readonly resolveVariable: (name: string) => Promise<unknown>;
}

/** What `npm run bench` compares with; on no other stack. */
const bench: Definition = {
  key: 'bareRead',
  area: 'health',
  handler: 'bench/bare-read.handler',
  events: [{ httpApi: 'GET /bench/bare-read' }],
};

/** The `functions` of serverless.yml: every functions/<area>/functions.yml, with what its class adds. */
export const functions = async ({ resolveVariable }: Resolver) => {
  const stage = z.string().parse(await resolveVariable('sls:stage'));
  const timings = TimingsSchema.parse(await resolveVariable('self:custom.timings'));
  const make = (definition: Definition) => {
    const type = classOf(definition.area);
    return stage === 'local' ? local(definition, type, timings) : deployed(definition, type, timings, stage);
  };
  const benched = stage === 'local' && process.env.PARLEY_BENCH === '1' ? [bench] : [];
  const definitions = [...readDefinitions(root), ...benched];
  return Object.fromEntries(definitions.map((definition) => [definition.key, make(definition)]));
};
