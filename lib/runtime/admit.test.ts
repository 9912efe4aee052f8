import { jest } from '@jest/globals';
import { newAct } from '../../test/support/builders.ts';
import { newGate } from '../../test/faults/gate.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import { admit } from './admit.ts';

const claimsOf = (id: string) =>
  ({ userId: UserIdSchema.parse(id), role: 'agent', name: null, email: null, issuedAt: 0 }) as const;

it('a user is let in for a minute while the table is away, and then no more: nobody knows who was deactivated', async () => {
  const gate = await newGate();
  const table = process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  process.env.AWS_ENDPOINT_URL_DYNAMODB = gate.url;
  const clock = jest.spyOn(Date, 'now');
  const act = newAct();
  const [olim, stranger] = [claimsOf('olim'), claimsOf('stranger')];
  const began = Date.now();
  const after = (seconds: number) => clock.mockReturnValue(began + seconds * 1000);
  try {
    await gate.open(table);
    after(0);
    await admit(act, olim);
    await gate.shut();
    after(59);
    expect(await admit(act, olim)).toMatchObject({ id: 'olim', active: true });
    await expect(admit(act, stranger)).rejects.toThrow();
    after(61);
    await expect(admit(act, olim)).rejects.toThrow();
    await gate.open(table);
    expect(await admit(act, olim)).toMatchObject({ id: 'olim', active: true });
  } finally {
    clock.mockRestore();
    await gate.shut();
  }
});
