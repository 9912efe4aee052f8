import { addClient, newAct, newMessageId } from '../../test/support/builders.ts';
import { NewInteractionSchema } from '../contract/interactions.ts';
import { UserIdSchema, type ClientId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { withState } from '../domain/client.ts';
import { newInteraction } from '../domain/interaction.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { hideClient } from './clients.ts';
import { insertInteraction } from './interactions.ts';
import { clientCollection, NOTE } from './keys.ts';
import { countDue, countUnder } from './stats-counters.ts';
import { commit, put } from './transaction.ts';

const plan = (act: Act, id: ClientId, scheduledAt: string): Promise<void> => {
  const input = NewInteractionSchema.parse({ subject: 'Call', scheduledAt });
  return insertInteraction(act.tenant, newInteraction(act, id, UserIdSchema.parse('ana'), input), [], []);
};

describe('what is counted by looking', () => {
  it('are the planned interactions with clients that are there', async () => {
    const act = newAct();
    const count = () => countDue(act.tenant, instant(act.now()));
    expect(await count()).toEqual({ open: 0, overdue: 0, isMore: false });
    const [one, other] = [await addClient(act), await addClient(act)];
    for (const { id } of [one, other]) {
      await plan(act, id, '2020-01-01T00:00:00.000Z');
      await plan(act, id, '2100-01-01T00:00:00.000Z');
    }
    expect(await count()).toEqual({ open: 4, overdue: 2, isMore: false });
    const deleted = withState(act, other, 'deleted');
    await hideClient(act.tenant, other, deleted, clientEvent(act, 'ClientDeleted', deleted));
    expect(await count()).toEqual({ open: 2, overdue: 1, isMore: false });
  });

  it('is not cut off where a query holds no more than a megabyte', async () => {
    const act = newAct();
    const { id } = await addClient(act);
    const pk = clientCollection(act.tenant, id);
    for (let lot = 0; lot < 3; lot += 1) {
      const notes = Array.from({ length: 5 }, () =>
        put({ pk, sk: `${NOTE}${newMessageId()}`, text: 'x'.repeat(100_000) }),
      );
      await commit(act.tenant, notes);
    }
    expect(await countUnder(act.tenant, id, NOTE)).toBe(15);
  });
});
