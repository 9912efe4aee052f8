import * as z from 'zod';

const ResourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((names) => [names].flat()),
  Condition: z.string().optional(),
});

/** As much of a CloudFormation template as its checks need to know. */
export const TemplateSchema = z.looseObject({
  Resources: z.record(z.string(), ResourceSchema),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), NoEcho: z.boolean().optional() })).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});

export type Template = z.infer<typeof TemplateSchema>;
export type Resource = z.infer<typeof ResourceSchema>;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name of the intrinsic function that a value is, `Ref` or `Fn::…`, or undefined. */
export const intrinsicOf = (value: unknown): string | undefined => {
  if (!isObject(value)) return undefined;
  const [name, ...more] = Object.keys(value);
  const isIntrinsic =
    more.length === 0 && (name === 'Ref' || name === 'Condition' || name?.startsWith('Fn::') === true);
  return isIntrinsic ? name : undefined;
};
