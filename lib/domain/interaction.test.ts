import * as fc from 'fast-check';
import { CompletionSchema, InteractionReplacementSchema, NewInteractionSchema } from '../contract/interactions.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { Failure } from './failure.ts';
import {
  completeInteraction,
  duePlace,
  dueRange,
  isCompletion,
  newInteraction,
  replaceInteraction,
  showInteraction,
  type InteractionRecord,
} from './interaction.ts';

const NOW = '2026-01-31T09:30:00.000Z';
const act = newAct({ now: () => new Date(NOW) });
const clientId = buildClient(act).id;
const ana = UserIdSchema.parse('ana');
const boris = UserIdSchema.parse('boris');

const build = (fields: object = {}): InteractionRecord =>
  newInteraction(act, clientId, ana, NewInteractionSchema.parse({ subject: 'Call', ...fields }));
const statusOf = (interaction: InteractionRecord) => showInteraction(interaction, new Date(NOW)).status;

/** Instants around now, now among them. */
const instants = fc
  .integer({ min: -3, max: 3 })
  .map((days) => new Date(Date.parse(NOW) + days * 24 * 3600 * 1000).toISOString());

describe('the status of an interaction', () => {
  it.each([
    [{}, 'logged'],
    [{ scheduledAt: '2026-01-31T09:29:59.999Z' }, 'overdue'],
    [{ scheduledAt: NOW }, 'planned'],
    [{ scheduledAt: '2026-01-31T09:30:00.001Z' }, 'planned'],
    [{ scheduledAt: '2026-01-30T09:30:00.000Z', completedAt: NOW }, 'completed'],
    [{ completedAt: NOW }, 'completed'],
  ])('with %j is %s', (fields, status) => {
    expect(statusOf(build(fields))).toBe(status);
  });
});

describe('what is due', () => {
  const isDue = (interaction: InteractionRecord, due: Parameters<typeof dueRange>[0]): boolean => {
    const { from, to } = dueRange(due, new Date(NOW));
    const place = duePlace(interaction);
    return place !== undefined && from <= place && place <= to;
  };

  it('by its status is found by its place', () => {
    fc.assert(
      fc.property(fc.option(instants), fc.boolean(), (scheduledAt, isComplete) => {
        const interaction = build({ scheduledAt, completedAt: isComplete ? NOW : null });
        const status = statusOf(interaction);
        expect(isDue(interaction, 'overdue')).toBe(status === 'overdue');
        expect(isDue(interaction, 'planned')).toBe(status === 'planned');
        expect(isDue(interaction, undefined)).toBe(status === 'overdue' || status === 'planned');
      }),
    );
  });

  it('until a time is what is scheduled until then', () => {
    fc.assert(
      fc.property(instants, instants, (scheduledAt, until) => {
        expect(isDue(build({ scheduledAt }), until)).toBe(scheduledAt <= until);
      }),
    );
  });

  it.each([
    ['2026-01-30T23:59:59.999Z', false],
    ['2026-01-31T00:00:00.000Z', true],
    ['2026-01-31T23:59:59.999Z', true],
    ['2026-02-01T00:00:00.000Z', false],
  ])('today, scheduled at %s: %s', (scheduledAt, expected) => {
    expect(isDue(build({ scheduledAt }), 'today')).toBe(expected);
  });
});

describe('completing', () => {
  it('happens once, whatever is done before and after', () => {
    const steps = fc.array(fc.constantFrom('complete', 'replace', 'replace as completed', 'replace as open'));
    fc.assert(
      fc.property(steps, (names) => {
        let interaction = build();
        let completions = 0;
        for (const name of names) {
          try {
            const input = InteractionReplacementSchema.parse({
              subject: 'Call',
              ...(name === 'replace as completed' && { completedAt: NOW }),
              ...(name === 'replace as open' && { completedAt: null }),
            });
            const next =
              name === 'complete'
                ? completeInteraction(act, interaction, {})
                : replaceInteraction(act, interaction, input);
            if (isCompletion(next, interaction)) completions += 1;
            expect(interaction.completedAt === null || next.completedAt !== null).toBe(true);
            interaction = next;
          } catch (error) {
            expect(error).toMatchObject({ code: 'interaction.completed' });
            expect(interaction.completedAt).not.toBeNull();
          }
        }
        expect(completions).toBe(interaction.completedAt === null ? 0 : 1);
      }),
    );
  });

  it('keeps what was planned where nothing else is said', () => {
    const planned = build({ outcome: 'To be agreed', durationMinutes: 30 });
    expect(completeInteraction(act, planned, CompletionSchema.parse({ outcome: null }))).toMatchObject({
      outcome: null,
      durationMinutes: 30,
      completedAt: NOW,
      version: 2,
    });
  });

  it('allows for clocks that are a little ahead', () => {
    expect(build({ completedAt: '2026-01-31T09:31:00.000Z' }).completedAt).toBe('2026-01-31T09:31:00.000Z');
    expect(() => build({ completedAt: '2026-01-31T09:31:00.001Z' })).toThrow(Failure);
  });
});

describe('replacing an interaction', () => {
  it('leaves it with whom it was unless said', () => {
    const mine = build({ userId: 'boris' });
    const replace = (fields: object) =>
      replaceInteraction(act, mine, InteractionReplacementSchema.parse({ subject: 'Call', ...fields })).userId;
    expect(mine.userId).toBe(boris);
    expect(replace({})).toBe(boris);
    expect(replace({ userId: 'ana' })).toBe(ana);
  });
});
