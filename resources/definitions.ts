import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const ArnSchema = z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });

const StreamSchema = z.looseObject({
  type: z.literal('dynamodb'),
  arn: ArnSchema,
  destinations: z.strictObject({ onFailure: z.strictObject({ type: z.string(), arn: ArnSchema }) }),
});

const EventSchema = z.union([
  z.strictObject({ httpApi: z.string().regex(/^(\*|(GET|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*)$/) }),
  z.strictObject({ sqs: z.looseObject({ arn: ArnSchema }) }),
  z.strictObject({ stream: StreamSchema }),
  z.strictObject({ schedule: z.string() }),
  z.strictObject({ websocket: z.enum(['$connect', '$disconnect', '$default']) }),
]);

export type FunctionEvent = z.infer<typeof EventSchema>;

const DefinitionSchema = z.strictObject({
  handler: z.string().regex(/^functions\/[a-z]+\/[a-z-]+\.handler$/),
  events: z.array(EventSchema).min(1),
});

export interface Definition extends z.infer<typeof DefinitionSchema> {
  /** The function's name in camelCase: what serverless, logs and alarms call it. */
  readonly key: string;
  /** The folder under functions/ that it is in. */
  readonly area: string;
}

const readArea = (root: string, area: string): Definition[] => {
  const file = join(root, 'functions', area, 'functions.yml');
  const defined = z.record(z.string(), DefinitionSchema).parse(parse(readFileSync(file, 'utf8')));
  return Object.entries(defined).map(([key, definition]) => ({ key, area, ...definition }));
};

/**
 * Every function that functions/<area>/functions.yml defines, in a stable order.
 *
 * @param root the directory that holds functions/
 * @throws Error when a definition is not understood, or two areas define one key
 */
export const readDefinitions = (root: string): readonly Definition[] => {
  const areas = readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const definitions = areas.flatMap((area) => readArea(root, area));
  const keys = definitions.map(({ key }) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new Error(`More than one area defines the function ${twice}`);
  return definitions;
};
