import { DateTime } from 'luxon';
import type { Retention, Settings } from '../contract/settings.ts';
import { instant } from './act.ts';

/** What may be kept for so many days only. */
export type RetainedKind = keyof Retention;

const DAY_MS = 24 * 3600 * 1000;

/** Before every id and every instant. */
export const EVER = '';

/**
 * What the ids that are made at this time begin with, UUIDv7: all that were made before sort before it.
 * https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export const idAt = (milliseconds: number): string => {
  const hex = Math.max(0, milliseconds).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};

/** What of this kind happened before that instant is not kept; {@link EVER} where all is. */
export const oldestInstant = ({ retention }: Pick<Settings, 'retention'>, kind: RetainedKind, now: Date): string => {
  const days = retention[kind];
  if (days === null) return EVER;
  const at = instant(new Date(Math.max(0, now.getTime() - days * DAY_MS)));
  // The log is sealed by the hour, and goes by whole days.
  return kind === 'audit' ? `${at.slice(0, 10)}T00:00:00.000Z` : at;
};

/** The same for what is known by an id that says when it was made. */
export const oldestId = (settings: Pick<Settings, 'retention'>, kind: RetainedKind, now: Date): string => {
  const at = oldestInstant(settings, kind, now);
  return at === EVER ? EVER : idAt(Date.parse(at));
};

const forgetsSomething = ({ retention }: Pick<Settings, 'retention'>): boolean =>
  Object.values(retention).some((days) => days !== null);

const HOUR = 3;

/**
 * When the next night is as deep as it gets where the tenant is; `null` where nothing is ever forgotten.
 *
 * @param due when it was to be before the settings changed: what is due already stays so, or whoever sets something each night
 * at three would never forget anything
 */
export const nextForgetting = (
  settings: Pick<Settings, 'retention' | 'timeZone'>,
  now: Date,
  due: string | null = null,
): string | null => {
  if (!forgetsSomething(settings)) return null;
  if (due !== null && due <= instant(now)) return due;
  const local = DateTime.fromJSDate(now, { zone: settings.timeZone });
  const today = local.startOf('day').set({ hour: HOUR });
  return instant((today > local ? today : today.plus({ days: 1 })).toJSDate());
};

interface Meeting {
  readonly createdAt: string;
  readonly scheduledAt: string | null;
  readonly completedAt: string | null;
}

/** From when the days of an interaction are counted. */
export const countedFrom = ({ createdAt, scheduledAt, completedAt }: Meeting): string =>
  completedAt ?? scheduledAt ?? createdAt;
