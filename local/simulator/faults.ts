import * as z from 'zod';
import { json, parseBody, type Route } from './http.ts';
import type { Ask } from './journal.ts';

const rate = z.number().min(0).max(1).default(0);
/** Always, never, or so often. */
const often = z.union([z.boolean().transform(Number), z.number().min(0).max(1)]).default(0);

const FaultsSchema = z.strictObject({
  provider: z.enum(['twilio', 'telegram']),
  /** Whose messages alone are concerned; without it, everybody's. */
  to: z.string().min(1).optional(),
  /** How many requests go wrong, before all go well; without it, as many as the rates say. */
  times: z.number().int().positive().optional(),
  /** A refusal of the message, 4xx. */
  rejectRate: rate,
  /** A 500 before anything was accepted. */
  errorRate: rate,
  /** A 429. */
  rateLimitRate: rate,
  retryAfterSeconds: z.number().positive().default(1),
  /** Accepts, and answers 500. */
  acceptThenErrorRate: rate,
  /** Accepts, and answers only after `hangMs`. */
  acceptThenHangRate: rate,
  /** Accepts nothing, and answers 500 only after `hangMs`. */
  hangRate: rate,
  hangMs: z.number().int().min(0).max(600_000).default(30_000),
  duplicateCallbacks: often,
  shuffleCallbacks: often,
  dropCallbacks: often,
  /** Takes what is not a template and comes more than 24 hours after the customer's last WhatsApp message, and fails it. */
  enforceWindow: z.boolean().default(false),
  /** What this customer writes reaches the provider, and its webhook nobody. */
  dropInbound: often,
  /** Between the stages of a message's way. */
  callbackDelayMs: z.number().int().min(0).max(600_000).default(30),
});
type Faults = z.infer<typeof FaultsSchema>;
export type ProviderName = Faults['provider'];

const none = (provider: ProviderName): Faults => FaultsSchema.parse({ provider });

/** True so often. */
export const roll = (probability: number): boolean => probability > 0 && Math.random() < probability;

const keyOf = (provider: ProviderName, to: string | undefined): string => `${provider} ${to ?? ''}`;

/** What the dice say of one request. */
const rollOutcome = (faults: Faults): Ask['outcome'] => {
  if (roll(faults.rateLimitRate)) return 'rate-limited';
  if (roll(faults.rejectRate)) return 'rejected';
  if (roll(faults.errorRate)) return 'error';
  if (roll(faults.hangRate)) return 'hung';
  if (roll(faults.acceptThenErrorRate)) return 'accepted-then-error';
  if (roll(faults.acceptThenHangRate)) return 'accepted-then-hang';
  return 'accepted';
};

/** How the providers misbehave at the moment. */
export class FaultBook {
  readonly #faults = new Map<string, Faults>();
  readonly #spent = new Map<string, number>();

  /** Those for this address, or else those for everybody. */
  of(provider: ProviderName, to?: string): Faults {
    return this.#faults.get(keyOf(provider, to)) ?? this.#faults.get(keyOf(provider, undefined)) ?? none(provider);
  }

  all(): readonly Faults[] {
    const narrow = [...this.#faults.values()].filter(({ to }) => to !== undefined);
    return [this.of('twilio'), this.of('telegram'), ...narrow];
  }

  set(faults: Faults): void {
    const key = keyOf(faults.provider, faults.to);
    this.#faults.set(key, faults);
    this.#spent.delete(key);
  }

  clear(): void {
    this.#faults.clear();
    this.#spent.clear();
  }

  /** What happens to the next message to this address. */
  outcome(provider: ProviderName, to: string): Ask['outcome'] {
    const faults = this.of(provider, to);
    const key = keyOf(provider, faults.to);
    const spent = this.#spent.get(key) ?? 0;
    if (faults.times !== undefined && spent >= faults.times) return 'accepted';
    const outcome = rollOutcome(faults);
    if (outcome !== 'accepted') this.#spent.set(key, spent + 1);
    return outcome;
  }
}

/** PUT replaces a provider's faults, or those for one address; DELETE ends all of them. */
export const faultRoutes = (book: FaultBook): readonly Route[] => {
  const all = () => json({ items: book.all() });
  return [
    { method: 'GET', pattern: '/simulator/faults', handle: all },
    {
      method: 'PUT',
      pattern: '/simulator/faults',
      handle: (request) => {
        const faults = parseBody(FaultsSchema, request);
        book.set(faults);
        return json(faults);
      },
    },
    {
      method: 'DELETE',
      pattern: '/simulator/faults',
      handle: () => {
        book.clear();
        return all();
      },
    },
  ];
};
