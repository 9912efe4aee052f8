import * as z from 'zod';
import type { Definitions, Resource } from './definitions.ts';
import { STAGE } from './project.ts';

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface Deployed {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const RefSchema = z.strictObject({ Ref: z.string() });
const GetAttSchema = z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });

/** The little of CloudFormation and of Serverless variables that the definitions use. */
export class Deployment {
  readonly #definitions: Definitions;
  readonly #deployed = new Map<string, Deployed>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** A name as CloudFormation would make one, but the same at every start. */
  nameOf(id: string): string {
    return `${this.#definitions.service}-${STAGE}-${id}`;
  }

  resources(type: string): readonly Resource[] {
    return this.#definitions.resources.filter((resource) => resource.type === type);
  }

  add(id: string, deployed: Deployed): void {
    this.#deployed.set(id, deployed);
  }

  get(id: string): Deployed {
    const found = this.#deployed.get(id);
    if (found === undefined) throw new Error(`resources: ${id} does not exist on one machine`);
    return found;
  }

  /** Values for references and variables, all the way down. */
  evaluate(value: unknown): unknown {
    if (typeof value === 'string') return this.#substitute(value);
    if (Array.isArray(value)) return value.map((element) => this.evaluate(element));
    if (typeof value !== 'object' || value === null) return value;
    const ref = RefSchema.safeParse(value);
    if (ref.success) return this.get(ref.data.Ref).ref;
    const getAtt = GetAttSchema.safeParse(value);
    if (getAtt.success) return this.#attribute(...getAtt.data['Fn::GetAtt']);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.evaluate(inner)]));
  }

  #attribute(id: string, name: string): string {
    const attribute = this.get(id).attributes[name];
    if (attribute === undefined) throw new Error(`resources: ${id} has no ${name} on one machine`);
    return attribute;
  }

  #substitute(text: string): unknown {
    const whole = /^\$\{((?:self|sls):[^}]+)\}$/.exec(text)?.[1];
    if (whole !== undefined) return this.#variable(whole);
    return text.replace(/\$\{((?:self|sls):[^}]+)\}/g, (_, name: string) => String(this.#variable(name)));
  }

  #variable(name: string): string | number {
    const { service, timings } = this.#definitions;
    const timing = /^self:custom\.timings\.(\w+)$/.exec(name)?.[1];
    const value = timing === undefined ? { 'self:service': service, 'sls:stage': STAGE }[name] : timings[timing];
    if (value === undefined) throw new Error(`\${${name}} means nothing on one machine`);
    return value;
  }
}
