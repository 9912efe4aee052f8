import fc from 'fast-check';
import { newAct, newChannelId } from '../../test/support/builders.ts';
import { admittedAt, paceOf } from '../domain/pace.ts';
import { paceKey } from './team-keys.ts';
import { joinIfSoon, joinLine, takeIfIdle, type Line } from './lines.ts';

const act = newAct();
const TURN = 100;

const newLines = (): { readonly all: Line; readonly bulk: Line } => {
  const key = paceKey(act.tenant, newChannelId());
  return { all: { key, name: 'all' }, bulk: { key, name: 'bulk' } };
};

describe('a line', () => {
  it('gives everybody a turn of their own, in a row, however many join at once', async () => {
    const { all } = newLines();
    const starts = await Promise.all(Array.from({ length: 30 }, () => joinLine(act.tenant, all, TURN, 5_000_000)));
    const inOrder = starts.toSorted((one, other) => one - other);
    inOrder.slice(1).forEach((at, index) => expect(at - (inOrder[index] ?? 0)).toBeGreaterThanOrEqual(TURN));
    // A request that the client repeats wastes a turn, and gives none twice.
    expect(inOrder.at(-1)).toBeLessThan(5_000_000 + 45 * TURN);
  });

  it('lets no more than its pace through in any second, however many senders come at once', async () => {
    const { all } = newLines();
    const pace = paceOf(30);
    const times: number[] = [];
    for (const now of [1_000_000, 1_000_400, 1_002_000]) {
      const joining = Array.from({ length: 40 }, () => joinLine(act.tenant, all, pace.turnMs, now));
      times.push(...(await Promise.all(joining)).map((start) => admittedAt(start, pace, now)));
    }
    const inOrder = times.toSorted((one, other) => one - other);
    for (const [first, from] of inOrder.entries()) {
      expect(inOrder.slice(first).filter((at) => at < from + 999.9).length).toBeLessThanOrEqual(30);
    }
  });

  it('is idle again when its turns are over, and keeps nothing for later', async () => {
    const { all } = newLines();
    expect(await joinLine(act.tenant, all, TURN, 1_000)).toBe(1_000);
    expect(await joinLine(act.tenant, all, TURN, 1_050)).toBe(1_100);
    expect(await joinLine(act.tenant, all, TURN, 9_000)).toBe(9_000);
  });

  it('is joined by who cannot wait long only where it is short, and costs nothing otherwise', async () => {
    const { all } = newLines();
    const soon = () => joinIfSoon(act.tenant, all, TURN, 1_000, 250);
    expect(await Promise.all([soon(), soon(), soon()])).toEqual(expect.arrayContaining([1_000, 1_100, 1_200]));
    expect(await soon()).toBeUndefined();
    expect(await joinLine(act.tenant, all, TURN, 1_000)).toBe(1_300);
    expect(await joinIfSoon(act.tenant, all, TURN, 9_000, 250)).toBe(9_000);
  });

  it('is no other line of the same channel, nor of another one', async () => {
    const [one, other] = [newLines(), newLines()];
    await Promise.all(Array.from({ length: 20 }, () => joinLine(act.tenant, one.bulk, TURN, 1_000)));
    expect(await joinLine(act.tenant, one.all, TURN, 1_000)).toBe(1_000);
    expect(await joinLine(act.tenant, other.bulk, TURN, 1_000)).toBe(1_000);
  });
});

it('whoever takes turns only where nobody waits never delays the others by more than a turn, nor lets more through', async () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 250 }),
    joining: fc.integer({ min: 0, max: 2 }),
    bulk: fc.integer({ min: 0, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
      const { all } = newLines();
      let [now, alone] = [1_000_000, 0];
      const taken: number[] = [];
      for (const { wait, joining, bulk } of steps) {
        now += wait;
        const idle = await Promise.all(Array.from({ length: bulk }, () => takeIfIdle(act.tenant, all, TURN, now)));
        taken.push(...idle.filter((until) => until === undefined).map(() => now));
        const starts = await Promise.all(Array.from({ length: joining }, () => joinLine(act.tenant, all, TURN, now)));
        taken.push(...starts);
        for (const start of starts.toSorted((one, other) => one - other)) {
          // When it would have come had there been no bulk.
          const unhindered = Math.max(alone, now);
          alone = unhindered + TURN;
          expect(start - unhindered).toBeLessThanOrEqual(TURN);
        }
      }
      const inOrder = taken.toSorted((one, other) => one - other);
      inOrder.slice(1).forEach((at, index) => expect(at - (inOrder[index] ?? 0)).toBeGreaterThanOrEqual(TURN));
    }),
    { numRuns: 12 },
  );
});
