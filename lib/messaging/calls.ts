import type { Attempt } from '../contract/attempts.ts';
import { instant, type Act } from '../domain/act.ts';
import { withCall } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { SendOutcome } from '../providers/provider.ts';
import type { MessageChange } from '../table/messages.ts';

/** Makes the one call of an attempt, and says when it was made, how long it took, and what came of it. */
export const timed = async (
  act: Act,
  { delivery }: MessageRecord,
  call: () => Promise<SendOutcome>,
): Promise<{ readonly outcome: SendOutcome; readonly call: Attempt }> => {
  const started = act.now();
  const outcome = await call();
  const attempt = {
    attempt: delivery?.attempt ?? 1,
    startedAt: instant(started),
    durationMs: Math.max(0, act.now().getTime() - started.getTime()),
    outcome: outcome.kind,
    httpStatus: outcome.httpStatus ?? null,
    // A detail may name the addressee.
    code: 'code' in outcome ? outcome.code : null,
  };
  return { outcome, call: attempt };
};

type Decide = (message: MessageRecord) => MessageChange | undefined | Promise<MessageChange | undefined>;

/** Keeps the call with its message, in the transaction that writes down what came of it, whatever that is. */
export const noting =
  (call: Attempt, decide: Decide): Decide =>
  async (message) => {
    const noted = withCall(message, call);
    return (await decide(noted)) ?? { next: { ...noted, revision: message.revision + 1 } };
  };
