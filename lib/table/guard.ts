import * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { DUE, ROUTE, tenantPrefix } from './keys.ts';

const AttributesSchema = z.record(z.string(), z.unknown());

/** As much of any request as can name a key. Commands without these fields (PartiQL, Scan) are refused by their name. */
const RequestSchema = z.looseObject({
  Key: AttributesSchema.optional(),
  Item: AttributesSchema.optional(),
  KeyConditionExpression: z.string().optional(),
  UpdateExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: AttributesSchema.optional(),
  ExclusiveStartKey: AttributesSchema.optional(),
  TransactItems: z.array(z.record(z.string(), z.unknown())).optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  /** The parameters that came before expressions name keys too. */
  KeyConditions: z.unknown().optional(),
  AttributeUpdates: z.unknown().optional(),
});
type Request = z.infer<typeof RequestSchema>;

const allowedCommands = new Set([
  'GetCommand',
  'PutCommand',
  'UpdateCommand',
  'DeleteCommand',
  'QueryCommand',
  'TransactWriteCommand',
  'TransactGetCommand',
  'BatchGetCommand',
  'BatchWriteCommand',
]);

/** Thrown when a request reaches outside its tenant. It is a mistake of ours, never the caller's. */
export class TenantGuardError extends Error {
  override name = 'TenantGuardError';
}

const partitionAttributes = ['pk', 'gsi1pk', 'gsi2pk', 'gsi3pk', 'gsi4pk'];

/** `name = :value` or `name = if_not_exists(name, :value)`; with nothing more captured where the right side is neither. */
const ASSIGNMENT = /(#?\w+)\s*=\s*(?:(:\w+)|if_not_exists\s*\(\s*(#?\w+)\s*,\s*(:\w+)\s*\))?/g;

class Guard {
  readonly #tenant: TenantId | undefined;

  constructor(tenant: TenantId | undefined) {
    this.#tenant = tenant;
  }

  checkCommand(name: string, input: unknown): void {
    if (!allowedCommands.has(name)) this.#refuse(`${name} is not allowed`);
    const request = RequestSchema.parse(input);
    if (name === 'QueryCommand' && request.KeyConditionExpression === undefined) {
      this.#refuse('a query has to have a key condition');
    }
    this.#checkRequest(request);
  }

  #checkRequest(request: Request): void {
    if (request.KeyConditions !== undefined || request.AttributeUpdates !== undefined) {
      this.#refuse('legacy parameters are not allowed');
    }
    if (request.Key !== undefined) this.#checkAttributes(request.Key);
    if (request.Item !== undefined) this.#checkAttributes(request.Item);
    if (request.ExclusiveStartKey !== undefined) this.#checkAttributes(request.ExclusiveStartKey);
    if (request.KeyConditionExpression !== undefined)
      this.#checkAssignments(request.KeyConditionExpression, request, true);
    if (request.UpdateExpression !== undefined) this.#checkAssignments(request.UpdateExpression, request, false);
    for (const member of request.TransactItems ?? []) {
      for (const action of Object.values(member)) this.#checkRequest(RequestSchema.parse(action));
    }
    for (const members of Object.values(request.RequestItems ?? {})) this.#checkBatch(members);
  }

  #checkBatch(members: unknown): void {
    const keys = z.object({ Keys: z.array(AttributesSchema) }).safeParse(members);
    if (keys.success) {
      keys.data.Keys.forEach((key) => this.#checkAttributes(key));
      return;
    }
    const writes = z.array(z.record(z.string(), z.unknown())).parse(members);
    for (const action of writes.flatMap((write) => Object.values(write)))
      this.#checkRequest(RequestSchema.parse(action));
  }

  #checkAttributes(attributes: Readonly<Record<string, unknown>>): void {
    for (const name of partitionAttributes) {
      if (attributes[name] !== undefined) this.#checkValue(name, attributes[name]);
    }
  }

  /** Finds `gsi1pk = :value` (or `#name = :value`) in an expression. A query has to have one. */
  #checkAssignments(expression: string, request: Request, required: boolean): void {
    const nameOf = (path = ''): string | undefined =>
      path.startsWith('#') ? request.ExpressionAttributeNames?.[path] : path;
    let found = 0;
    for (const [, left, value, fallbackOf, fallback] of expression.matchAll(ASSIGNMENT)) {
      const name = nameOf(left);
      if (name === undefined || !partitionAttributes.includes(name)) continue;
      if (fallback !== undefined && nameOf(fallbackOf) !== name) this.#refuse(`${name} is copied`);
      // Whatever else stands on the right, such as another attribute, cannot be judged here.
      this.#checkValue(name, request.ExpressionAttributeValues?.[value ?? fallback ?? '']);
      found += 1;
    }
    if (required && found === 0) this.#refuse('a query has to name its partition');
  }

  #checkValue(name: string, value: unknown): void {
    if (typeof value !== 'string') return this.#refuse(`${name} is not a string`);
    if (this.#tenant !== undefined && value.startsWith(tenantPrefix(this.#tenant))) return;
    if (name === 'pk' && value.startsWith(ROUTE)) return;
    if (name === 'gsi4pk' && value.startsWith(DUE)) return;
    this.#refuse(`${name} lies outside the tenant`);
  }

  #refuse(reason: string): never {
    throw new TenantGuardError(`Refused a table request: ${reason}.`);
  }
}

/**
 * Refuses, before it is sent, any request whose keys lie outside the tenant: keys, written index keys, key conditions,
 * start keys, and every member of a batch or transaction. Webhook routes and the due index, which hold ids only, are
 * open to all; without a tenant nothing else is.
 *
 * @throws TenantGuardError
 */
export const guard = (tenant: TenantId | undefined, name: string, input: unknown): void => {
  new Guard(tenant).checkCommand(name, input);
};
