import type { Settings } from '../contract/settings.ts';
import { countedFrom, oldestId, oldestInstant } from '../domain/retention.ts';
import { InteractionRecordSchema } from '../domain/interaction.ts';
import type { Stored } from '../table/collection.ts';
import { CHANGE, INTERACTION, NOTE, PRIVATE_NOTE, TERMS } from '../table/keys.ts';

/** What is older than this goes, by kind: ids where ids say when, else instants; empty where all stays. */
export interface Bounds {
  readonly messages: string;
  readonly notes: string;
  readonly interactions: string;
  readonly history: string;
  readonly audit: string;
}

export const boundsOf = (settings: Pick<Settings, 'retention'>, now: Date): Bounds => ({
  messages: oldestId(settings, 'messages', now),
  notes: oldestId(settings, 'notes', now),
  interactions: oldestInstant(settings, 'interactions', now),
  history: oldestId(settings, 'history', now),
  audit: oldestInstant(settings, 'audit', now),
});

/** The id, UUIDv7, at the end of a sort key. */
const idIn = ({ sk }: Stored): string => sk.slice(sk.lastIndexOf('#') + 1);

/** Where in a collection there is something of a kind, and which of it goes. */
interface Region {
  readonly prefix: string;
  /** Up to where to look, where the order of the keys is that of time. */
  readonly to?: string;
  readonly isOver: (stored: Stored) => boolean;
}

const byId = (prefix: string, oldest: string): Region => ({
  prefix,
  to: `${prefix}${oldest}`,
  isOver: (stored) => idIn(stored) < oldest,
});

const byIdAnywhere = (prefix: string, oldest: string): Region => ({
  prefix,
  isOver: (stored) => idIn(stored) < oldest,
});

/** Of what is not a message. What searches find notes by goes after them. */
export const regionsOf = ({ notes, interactions, history }: Bounds): Region[] => [
  ...(notes === '' ? [] : [byId(NOTE, notes), byIdAnywhere(PRIVATE_NOTE, notes), byId(`${TERMS}${NOTE}`, notes)]),
  ...(interactions === ''
    ? []
    : [
        {
          prefix: INTERACTION,
          isOver: (stored: Stored) => countedFrom(InteractionRecordSchema.parse(stored)) < interactions,
        },
      ]),
  ...(history === '' ? [] : [byIdAnywhere(CHANGE, history)]),
];
