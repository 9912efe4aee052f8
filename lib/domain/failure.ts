import type { ProblemCode } from '../contract/problems.ts';

interface Particulars {
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly permission?: string;
  /** Who holds the contact or PIN; into whom the client was merged. */
  readonly clientId?: string;
  /** The id of the merged client that the request was about. */
  readonly absorbedId?: string;
  readonly retryAfterSeconds?: number;
  /** How many requests are allowed at once. */
  readonly limit?: number;
  /** Whose requests were too many. */
  readonly limitOf?: 'user' | 'tenant' | 'address';
}

/** A refusal with a stable code; `lib/contract/problems.ts` says what it means over HTTP. */
export class Failure extends Error {
  readonly code: ProblemCode;
  readonly particulars: Particulars;

  constructor(code: ProblemCode, detail: string, particulars: Particulars = {}) {
    super(detail);
    this.name = 'Failure';
    this.code = code;
    this.particulars = particulars;
  }
}

/** The same words whether the id is none, never existed, was deleted, or is another tenant's. */
export const notFound = (): Failure => new Failure('resource.not-found', 'There is nothing with this id.');

/** The client lives on in the one it was merged into. An address that names it leads on there. */
export const mergedInto = (absorbedId: string, clientId: string): Failure =>
  new Failure('client.absorbed', 'This client was merged into another one: clientId says which.', {
    clientId,
    absorbedId,
  });

/** Fails for a value that the schema alone cannot judge. `pointer` is a JSON pointer into the request body. */
export const invalid = (pointer: string, detail: string): Failure =>
  new Failure('request.invalid', detail, { errors: [{ pointer, detail }] });

/** @throws Failure `version.stale` when the caller read another version than there is now */
export const requireVersion = (expected: number | undefined, actual: number): void => {
  if (expected === undefined || expected === actual) return;
  throw new Failure('version.stale', `It is at version ${actual} now. Read it again before you change it.`);
};
