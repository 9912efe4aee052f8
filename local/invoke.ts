import * as z from 'zod';

export type Invocation =
  | { readonly kind: 'returned'; readonly payload: unknown }
  /** The function threw, timed out, could not be loaded, or its process went away while it ran. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nothing listened: the function did not run. */
  | { readonly kind: 'unreachable' };

export type Invoke = (functionName: string, event: unknown) => Promise<Invocation>;

/** Resolves once the functions can be called, or when the signal aborts. */
export type WhenUp = (signal: AbortSignal) => Promise<void>;

// A handler that throws or cannot be loaded answers 200 with this.
const FunctionErrorSchema = z.object({ errorMessage: z.string(), errorType: z.string() });

const RefusedSchema = z.looseObject({ cause: z.looseObject({ code: z.literal('ECONNREFUSED') }) });
const isRefused = (error: unknown): boolean => RefusedSchema.safeParse(error).success;

const parsePayload = (body: string): unknown => (body === '' ? null : JSON.parse(body));

const interpret = async (response: Response): Promise<Invocation> => {
  const body = await response.text();
  if (!response.ok) return { kind: 'failed', reason: `HTTP ${response.status}: ${body.slice(0, 300)}` };
  const payload = parsePayload(body);
  const thrown = FunctionErrorSchema.safeParse(payload);
  if (thrown.success) return { kind: 'failed', reason: `${thrown.data.errorType}: ${thrown.data.errorMessage}` };
  if (response.headers.has('x-amz-function-error')) return { kind: 'failed', reason: body.slice(0, 300) };
  return { kind: 'returned', payload };
};

/** Calls functions through the Lambda endpoint at `url`. Never throws. */
export const invokeThrough =
  (url: string): Invoke =>
  async (functionName, event) => {
    try {
      const response = await fetch(`${url}/2015-03-31/functions/${functionName}/invocations`, {
        method: 'POST',
        body: JSON.stringify(event),
      });
      return await interpret(response);
    } catch (error) {
      return isRefused(error) ? { kind: 'unreachable' } : { kind: 'failed', reason: String(error) };
    }
  };

const PartialFailureSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })) });
const NothingSchema = z.union([z.null(), z.undefined(), z.object({ batchItemFailures: z.null() }), z.strictObject({})]);

/**
 * Which items of a batch failed, as Lambda reads the answer: nothing or an empty list is success, anything
 * it cannot read or does not know fails the whole batch.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export const failedItems = (
  invocation: Invocation,
  identifiers: readonly string[],
  reportsPartially: boolean,
): ReadonlySet<string> => {
  const all = new Set(identifiers);
  if (invocation.kind !== 'returned') return all;
  if (!reportsPartially || NothingSchema.safeParse(invocation.payload).success) return new Set();
  const parsed = PartialFailureSchema.safeParse(invocation.payload);
  if (!parsed.success) return all;
  const failed = parsed.data.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return failed.every((identifier) => all.has(identifier)) ? new Set(failed) : all;
};
