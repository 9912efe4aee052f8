import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';

/** When the due job looks at a channel with which nothing is wrong: Twilio's are asked for what we have not heard of. */
export const restingUntil = (
  act: Act,
  { provider, status }: Pick<ChannelRecord, 'provider' | 'status'>,
): string | null =>
  provider === 'twilio' && status === 'active' ? secondsAfter(act.now(), environment().RECONCILE_SECONDS) : null;
