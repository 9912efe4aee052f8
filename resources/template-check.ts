import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { type Resource, type Template, intrinsicOf, isObject } from './template.ts';
import { circlesIn, referencesOf } from './template-references.ts';

const specification = loadAwsServiceSpecSync();

const specificationOf = (type: string) => specification.lookup('resource', 'cloudFormationType', 'equals', type)[0];

type Properties = NonNullable<ReturnType<typeof specificationOf>>['properties'];
type Property = Properties[string];
type PropertyType = Property['type'];

const problemsInProperties = (properties: Properties, value: Readonly<Record<string, unknown>>, path: string) => {
  const unknown = Object.keys(value).filter((name) => !(name in properties));
  const missing = Object.entries(properties).filter(([name, { required }]) => required === true && !(name in value));
  const inside = Object.entries(value).flatMap(([name, part]) => {
    const property = properties[name];
    return property === undefined ? [] : problemsInProperty(property, part, `${path}/${name}`);
  });
  return [
    ...unknown.map((name) => `${path}/${name}: no such property`),
    ...missing.map(([name]) => `${path}/${name}: required`),
    ...inside,
  ];
};

/** A value is well when it is of any type that the property has or had. */
const problemsInProperty = ({ type, previousTypes = [] }: Property, value: unknown, path: string) =>
  fewest([type, ...previousTypes].map((possible) => problemsInType(possible, value, path)));

const fewest = (findings: readonly (readonly string[])[]): readonly string[] =>
  findings.toSorted((a, b) => a.length - b.length)[0] ?? [];

const problemsInType = (type: PropertyType, value: unknown, path: string): readonly string[] => {
  const intrinsic = intrinsicOf(value);
  if (intrinsic === 'Fn::If' && isObject(value)) return problemsInBranches(type, value[intrinsic], path);
  if (intrinsic !== undefined) return [];
  switch (type.type) {
    case 'json':
      return [];
    case 'union':
      return fewest(type.types.map((possible) => problemsInType(possible, value, path)));
    case 'array':
      if (!Array.isArray(value)) return [`${path}: not a list`];
      return value.flatMap((element, at) => problemsInType(type.element, element, `${path}/${at}`));
    case 'map':
      if (!isObject(value)) return [`${path}: not an object`];
      return Object.entries(value).flatMap(([key, part]) => problemsInType(type.element, part, `${path}/${key}`));
    case 'ref':
      if (!isObject(value)) return [`${path}: not an object`];
      return problemsInProperties(specification.get('typeDefinition', type.reference.$ref).properties, value, path);
    case 'tag':
      return isObject(value) ? [] : [`${path}: not a tag`];
    case 'boolean':
      return ['true', 'false'].includes(String(value)) ? [] : [`${path}: not true or false`];
    case 'integer':
    case 'number':
      return ['number', 'string'].includes(typeof value) && !Number.isNaN(Number(value))
        ? []
        : [`${path}: not a number`];
    default:
      return isObject(value) || Array.isArray(value) ? [`${path}: not a ${type.type}`] : [];
  }
};

const problemsInBranches = (type: PropertyType, argument: unknown, path: string): readonly string[] => {
  const branches: readonly unknown[] = Array.isArray(argument) ? argument.slice(1) : [];
  return branches.flatMap((branch) => problemsInType(type, branch, path));
};

const problemsInResource = (id: string, { Type, Properties }: Resource): readonly string[] => {
  const specified = specificationOf(Type);
  if (specified === undefined) return [`Resources/${id}: ${Type} is no type of resource`];
  return problemsInProperties(specified.properties, Properties, `Resources/${id}`);
};

const problemsInReferences = (template: Template): readonly string[] =>
  referencesOf(template).flatMap(({ path, kind, target, attribute }) => {
    if (kind === 'Condition') return target in template.Conditions ? [] : [`${path}: no condition ${target}`];
    if (kind === 'Ref' && (target in template.Parameters || target.startsWith('AWS::'))) return [];
    const resource = template.Resources[target];
    if (resource === undefined) return [`${path}: nothing is called ${target}`];
    if (attribute === undefined || attribute in (specificationOf(resource.Type)?.attributes ?? {})) return [];
    return [`${path}: ${target} has no attribute ${attribute}`];
  });

/**
 * What CloudFormation would refuse in a template: unknown types and properties, missing required ones, values
 * of the wrong shape, references to nothing, attributes that do not exist, circles. Checked against AWS's own
 * resource specification, at every depth; empty when all is well.
 */
export const problemsIn = (template: Template): readonly string[] => [
  ...Object.entries(template.Resources).flatMap(([id, resource]) => problemsInResource(id, resource)),
  ...problemsInReferences(template),
  ...circlesIn(template).map((circle) => `Resources: in a circle, ${circle}`),
];
