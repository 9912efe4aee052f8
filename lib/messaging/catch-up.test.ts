import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { newAct } from '../../test/support/builders.ts';
import { ChatIdSchema } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { recordChanges } from '../table/changes.ts';
import { catchUp, OVERLAP_SECONDS } from './catch-up.ts';

/** Ten seconds after midnight. */
const now = new Date('2026-03-02T00:00:10.000Z');
const at = (seconds: number): string => secondsAfter(now, seconds);

/** Somebody told of a chat at this time. */
const tellOf = async (act: Act, time: string): Promise<string> => {
  const chatId = ChatIdSchema.parse(act.newId());
  await recordChanges(act.tenant, { id: act.newId(), at: time, changes: [{ kind: 'chat', chatId }] });
  return chatId;
};

const idsOf = ({ items }: Awaited<ReturnType<typeof catchUp>>): string[] => items.map(({ id }) => id);

describe('a catch-up', () => {
  it('goes over midnight, page by page, and ends where the next one begins', async () => {
    const act = newAct({ now: () => now });
    const told: string[] = [];
    for (let second = -35; second < 0; second += 1) told.push(await tellOf(act, at(second)));
    const first = await catchUp(act, 'agent', { since: at(-10) });
    const { nextCursor: cursor } = first;
    if (cursor === null) throw new Error('There has to be a second page.');
    const second = await catchUp(act, 'agent', { since: at(-10), cursor });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(told);
    expect([first.next, second.next, second.nextCursor]).toEqual([at(0), at(0), null]);
    await expect(catchUp(act, 'agent', { since: at(-11), cursor })).rejects.toMatchObject({ code: 'cursor.invalid' });
  });

  it('tells of what was written down late, and each chat once', async () => {
    const act = newAct({ now: () => now });
    const early = await tellOf(act, at(-OVERLAP_SECONDS - 2));
    const late = await tellOf(act, at(-OVERLAP_SECONDS + 1));
    const chatId = ChatIdSchema.parse(late);
    await recordChanges(act.tenant, { id: act.newId(), at: at(-1), changes: [{ kind: 'chat', chatId }] });
    expect(idsOf(await catchUp(act, 'agent', { since: at(0) }))).toEqual([late]);
    expect(idsOf(await catchUp(act, 'agent', { since: at(-1) }))).toEqual([late]);
    expect(idsOf(await catchUp(act, 'agent', { since: at(-2) }))).toEqual([early, late]);
    // Whoever's clock is fast misses nothing.
    expect(idsOf(await catchUp(act, 'agent', { since: at(600) }))).toEqual([late]);
  });

  it('goes back for longer than a function takes that tells of changes', () => {
    const { deployed } = z
      .object({ deployed: z.object({ function: z.number() }) })
      .parse(parse(readFileSync('resources/timings.yml', 'utf8')));
    expect(OVERLAP_SECONDS).toBeGreaterThan(deployed.function);
  });
});
