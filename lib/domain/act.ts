import type { TenantId } from '../contract/vocabulary.ts';
import type { Actor } from '../events/envelope.ts';

/** Who does something, where and when. Time and ids come from outside so that rules stay pure. */
export interface Act {
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly now: () => Date;
  /** A new UUIDv7: ids sort by the time they were made. */
  readonly newId: () => string;
}

export const instant = (date: Date): string => date.toISOString();

export const secondsAfter = (date: Date, seconds: number): string => instant(new Date(date.getTime() + seconds * 1000));
