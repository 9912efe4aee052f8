import { secondsAfter, type Act } from '../domain/act.ts';
import { environment } from '../config/environment.ts';
import type { ChannelId } from '../contract/vocabulary.ts';
import { restingUntil } from './resting.ts';
import { FAILURES_UNTIL_FAILING, type ChannelRecord } from '../domain/channel.ts';
import { channelEvent } from '../domain/occurrence.ts';
import { changeChannel, findChannel } from '../table/channels.ts';
import { untilUndisturbed } from '../table/transaction.ts';

const edit = (
  act: Act,
  id: ChannelId,
  decide: (
    channel: ChannelRecord,
  ) =>
    { readonly change: Partial<ChannelRecord>; readonly announces?: 'ChannelFailing' | 'ChannelRecovered' } | undefined,
): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await findChannel(act.tenant, id);
    const decision = before && decide(before);
    if (before === undefined || decision === undefined) return;
    const after = { ...before, ...decision.change, revision: before.revision + 1 };
    const event = decision.announces && channelEvent(act, decision.announces, after, before);
    await changeChannel(act.tenant, before, after, event);
  });

const nextProbe = (act: Act): string => secondsAfter(act.now(), environment().PROBE_SECONDS);

/** The provider could not be used through this channel. After some in a row the channel is failing, and that is announced. */
export const noteFailure = (act: Act, id: ChannelId): Promise<void> =>
  edit(act, id, ({ status, failures }) => {
    if (status !== 'active') return undefined;
    const change = { failures: failures + 1 };
    return change.failures < FAILURES_UNTIL_FAILING
      ? { change }
      : { change: { ...change, status: 'failing', dueAt: nextProbe(act) }, announces: 'ChannelFailing' };
  });

/** The channel works: what failed before does not count any more. */
export const noteSuccess = (act: Act, id: ChannelId): Promise<void> =>
  edit(act, id, ({ provider, status, failures }) => {
    if (status === 'failing') {
      const dueAt = restingUntil(act, { provider, status: 'active' });
      return { change: { status: 'active', failures: 0, dueAt }, announces: 'ChannelRecovered' };
    }
    return failures === 0 ? undefined : { change: { failures: 0 } };
  });

/** The channel still does not work: it is probed again later. */
export const probeLater = (act: Act, id: ChannelId): Promise<void> =>
  edit(act, id, ({ provider, status }) => ({
    change: { dueAt: status === 'failing' ? nextProbe(act) : restingUntil(act, { provider, status }) },
  }));
