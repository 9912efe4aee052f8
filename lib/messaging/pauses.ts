import type { ChannelId } from '../contract/vocabulary.ts';

/** Until when a channel's provider asked for a pause; in milliseconds since the epoch. */
const pauses = new Map<ChannelId, number>();

/** The provider asked the whole channel to pause. Known to this container: others are told by the provider themselves. */
export const pauseChannel = (id: ChannelId, until: number): void => {
  pauses.set(id, Math.max(until, pauses.get(id) ?? 0));
};

/** How many seconds a channel has to pause from now on. */
export const pauseOf = (id: ChannelId, now: number): number => {
  const until = pauses.get(id);
  if (until === undefined) return 0;
  if (until <= now) pauses.delete(id);
  return Math.max(0, (until - now) / 1000);
};
