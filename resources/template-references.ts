import { type Template, intrinsicOf, isObject } from './template.ts';

interface Reference {
  /** Where it stands, such as `Resources/Table/Properties/…`. */
  readonly path: string;
  readonly kind: 'Ref' | 'GetAtt' | 'DependsOn' | 'Condition';
  /** A logical id, parameter, pseudo parameter or condition. */
  readonly target: string;
  readonly attribute?: string;
}

const dotted = (path: string, text: string): Reference => {
  const [target = '', ...attribute] = text.split('.');
  if (attribute.length === 0) return { path, kind: 'Ref', target };
  return { path, kind: 'GetAtt', target, attribute: attribute.join('.') };
};

const inSub = (path: string, argument: unknown): readonly Reference[] => {
  const [text, variables] = Array.isArray(argument) ? argument.map((part: unknown) => part) : [argument];
  if (typeof text !== 'string') return [];
  const own = isObject(variables) ? Object.keys(variables) : [];
  const named = [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name);
  return named.filter((name) => !own.includes(name)).map((name) => dotted(path, name));
};

const ofIntrinsic = (path: string, name: string, argument: unknown): readonly Reference[] => {
  const first: unknown = Array.isArray(argument) ? argument[0] : argument;
  switch (name) {
    case 'Ref':
    case 'Condition':
      return typeof argument === 'string' ? [{ path, kind: name, target: argument }] : [];
    case 'Fn::GetAtt':
      return [dotted(path, Array.isArray(argument) ? argument.join('.') : String(argument))];
    case 'Fn::Sub':
      return inSub(path, argument);
    case 'Fn::If':
      return typeof first === 'string' ? [{ path, kind: 'Condition', target: first }] : [];
    default:
      return [];
  }
};

const inside = (path: string, value: unknown): readonly Reference[] => {
  if (Array.isArray(value)) return value.flatMap((element, at) => inside(`${path}/${at}`, element));
  if (!isObject(value)) return [];
  const name = intrinsicOf(value);
  const own = name === undefined ? [] : ofIntrinsic(path, name, value[name]);
  return [...own, ...Object.entries(value).flatMap(([key, part]) => inside(`${path}/${key}`, part))];
};

const ofResource = (template: Template, id: string): readonly Reference[] => {
  const resource = template.Resources[id];
  if (resource === undefined) return [];
  const path = `Resources/${id}`;
  const condition = resource.Condition;
  return [
    ...inside(`${path}/Properties`, resource.Properties),
    ...resource.DependsOn.map((target): Reference => ({ path: `${path}/DependsOn`, kind: 'DependsOn', target })),
    ...(condition === undefined ? [] : [{ path: `${path}/Condition`, kind: 'Condition' as const, target: condition }]),
  ];
};

/** Every reference that a template makes, in Ref, GetAtt, Sub, If, DependsOn and Condition. */
export const referencesOf = (template: Template): readonly Reference[] => [
  ...Object.keys(template.Resources).flatMap((id) => ofResource(template, id)),
  ...inside('Conditions', template.Conditions),
  ...inside('Outputs', template.Outputs),
];

/** The resources that wait for each other in a circle, as `A > B > A`: CloudFormation refuses such a template. */
export const circlesIn = (template: Template): readonly string[] => {
  const settled = new Set<string>();
  const found: string[] = [];
  const visit = (id: string, way: readonly string[]): void => {
    if (way.includes(id)) found.push([...way.slice(way.indexOf(id)), id].join(' > '));
    if (way.includes(id) || settled.has(id)) return;
    const targets = ofResource(template, id).filter(({ kind }) => kind !== 'Condition');
    for (const { target } of targets) visit(target, [...way, id]);
    settled.add(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return found;
};
