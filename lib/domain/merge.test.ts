import * as fc from 'fast-check';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { foldCase } from './case-fold.ts';
import { newChat } from './chat.ts';
import { identitiesOf, removeContact, touched, type ClientRecord } from './client.ts';
import { refusesOn, saidByItself, withConsents } from './client-consent.ts';
import type { ConsentChange } from './consents.ts';
import { conflictsOf, mergeProfiles } from './merge.ts';
import { mergeProblems } from './merge-limits.ts';
import { newMerge, type MergeRecord } from './merge-record.ts';
import { rebase } from './rebase.ts';
import { returned, withoutAbsorbed } from './unmerge.ts';

const act = newAct();
const chat = (client: ClientRecord) => newChat(act, client);

type Prefer = Record<string, 'survivor' | 'absorbed'>;

/** Both as they are once merged, and the merge. */
const joinTwo = (survivor: ClientRecord, absorbed: ClientRecord, prefer: Prefer) => {
  const client = mergeProfiles(act, { survivor, absorbed }, prefer);
  const gone = touched(act, absorbed, { state: 'absorbed', survivorId: survivor.id }, false);
  const head = chat(survivor);
  return {
    client,
    gone,
    merge: newMerge(act, absorbed, { before: survivor, after: client }, { before: head, after: head }),
  };
};

/** Both as they are once the merge is undone. */
const partTwo = (client: ClientRecord, gone: ClientRecord, taken: MergeRecord['taken']) => {
  if (taken === null) throw new Error('The merge was undone before.');
  return { survivor: withoutAbsorbed(act, client, gone, taken), absorbed: returned(act, gone, client) };
};

type Joined = ReturnType<typeof joinTwo>;

/** The earlier of two merges is undone, and then the later. */
const partInOrder = (x: Joined, y: Joined) => {
  if (x.merge.taken === null || y.merge.taken === null) throw new Error('A merge was undone before.');
  const later = { taken: y.merge.taken, client: y.gone, chat: chat(y.gone) };
  const standing = { client: y.client, chat: chat(y.client) };
  const { taken, laters } = rebase(standing, { taken: x.merge.taken, laters: [later] }, false);
  const withoutX = partTwo(y.client, x.gone, taken);
  return { withoutX, forward: partTwo(withoutX.survivor, y.gone, laters[0]?.taken ?? null) };
};

/** Merges, and at once undoes it. */
const thereAndBack = (survivor: ClientRecord, absorbed: ClientRecord, prefer: Prefer) => {
  const { client, gone, merge } = joinTwo(survivor, absorbed, prefer);
  return { client, ...partTwo(client, gone, merge.taken) };
};

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const word = fc.constantFrom('one', 'two', 'three');

/** Somebody with some fields; numbers and contacts are nobody else's. */
const person = fc
  .record({
    firstName: word,
    lastName: optional(word),
    email: optional(fc.constantFrom('a@example.com', 'b@example.com')),
    comments: optional(word),
    gender: optional(fc.constantFrom('male' as const, 'female' as const)),
    tags: fc.uniqueArray(fc.constantFrom('vip', 'VIP', 'new', 'old'), { selector: (tag) => tag.toLowerCase() }),
    customFields: fc.dictionary(fc.constantFrom('size', 'age'), optional(fc.nat(3))),
    hasPhone: fc.boolean(),
    hasPin: fc.boolean(),
    contacts: fc.nat(2),
  })
  .map(({ hasPhone, hasPin, contacts, ...profile }) =>
    buildClient(act, {
      ...profile,
      phone: hasPhone ? newPhone() : null,
      pin: hasPin ? newPhone() : null,
      contacts: Array.from({ length: contacts }, () => ({ type: 'whatsapp' as const, value: newPhone() })),
    }),
  );

const preference = fc.dictionary(
  fc.constantFrom('firstName', 'lastName', 'email', 'phone', 'pin', 'comments', 'customFields.size'),
  fc.constantFrom('survivor' as const, 'absorbed' as const),
);

const lasting = ({ updatedAt: _updatedAt, version: _version, revision: _revision, ...client }: ClientRecord) => client;

/** What a survivor has of itself and whom it absorbed, where nothing is preferred. */
const gathered = ({ gender, customFields, tags }: ClientRecord) => ({
  gender,
  age: customFields.age ?? null,
  tags: tags.map(foldCase).toSorted(),
});

describe('merging two profiles', () => {
  it('and undoing it leaves both as they were, whatever was preferred', () => {
    fc.assert(
      fc.property(person, person, preference, (survivor, absorbed, prefer) => {
        const back = thereAndBack(survivor, absorbed, prefer);
        expect(lasting(back.survivor)).toEqual(lasting(survivor));
        expect(lasting(back.absorbed)).toEqual(lasting(absorbed));
      }),
    );
  });

  it('and undoing two of them leaves all as they were, the earlier undone first or last', () => {
    fc.assert(
      fc.property(person, person, person, preference, preference, (survivor, one, other, first, then) => {
        const x = joinTwo(survivor, one, first);
        const y = joinTwo(x.client, other, then);
        const { withoutX, forward } = partInOrder(x, y);
        const withoutY = partTwo(y.client, y.gone, y.merge.taken);
        const backward = partTwo(withoutY.survivor, x.gone, x.merge.taken);
        const withoutFirst = mergeProfiles(act, { survivor, absorbed: other }, then);
        expect(gathered(withoutX.survivor)).toEqual(gathered(withoutFirst));
        for (const left of [forward, backward]) expect(lasting(left.survivor)).toEqual(lasting(survivor));
        for (const back of [withoutX.absorbed, backward.absorbed]) expect(lasting(back)).toEqual(lasting(one));
        for (const back of [withoutY.absorbed, forward.absorbed]) expect(lasting(back)).toEqual(lasting(other));
      }),
    );
  });

  it('leaves no phone behind as a contact when the earlier of two is undone and then the later', () => {
    const [survivor, one, other] = [newPhone(), newPhone(), newPhone()].map((phone) => buildClient(act, { phone }));
    if (survivor === undefined || one === undefined || other === undefined) throw new Error('There are three.');
    const x = joinTwo(survivor, one, { phone: 'absorbed' });
    const y = joinTwo(x.client, other, { phone: 'absorbed' });
    expect(lasting(partInOrder(x, y).forward.survivor)).toEqual(lasting(survivor));
  });

  it('makes no second contact of a phone that is one already, and loses none when that is undone', () => {
    const phone = newPhone();
    const survivor = { ...buildClient(act, { contacts: [{ type: 'whatsapp', value: phone }] }), phone };
    const absorbed = buildClient(act, { phone: newPhone() });
    const back = thereAndBack(survivor, absorbed, { phone: 'absorbed' });
    expect(back.client.contacts).toEqual(survivor.contacts);
    expect(lasting(back.survivor)).toEqual(lasting(survivor));
  });

  it('loses no address, and no value but those that it says', () => {
    fc.assert(
      fc.property(person, person, preference, (survivor, absorbed, prefer) => {
        const client = mergeProfiles(act, { survivor, absorbed }, prefer);
        const held = identitiesOf(client);
        const all = [...identitiesOf(survivor), ...identitiesOf(absorbed)].filter(({ kind }) => kind !== 'pin');
        expect(all.every((identity) => held.some(({ value }) => value === identity.value))).toBe(true);
        const lost = conflictsOf({ survivor, absorbed }, prefer).map(({ field }) => field);
        for (const field of ['lastName', 'email', 'gender', 'pin'] as const) {
          const values = [survivor[field], absorbed[field]].filter((value) => value !== null);
          if (!lost.includes(field)) expect(values.every((value) => value === client[field])).toBe(true);
        }
      }),
    );
  });

  it('forgets no refusal, be it of an address that was given up before', () => {
    const phone = newPhone();
    const before = buildClient(act, { contacts: [{ type: 'phone', value: phone }] });
    const said = withConsents(act, before, { kind: 'tel', value: phone }, saidByItself('opted-out', 'client', 'STOP'));
    if (said === undefined) throw new Error('It was said for the first time.');
    const survivor = removeContact(act, said, said.contacts[0]?.id ?? '');
    const absorbed = buildClient(act, { phone });
    for (const client of [
      mergeProfiles(act, { survivor, absorbed }, {}),
      mergeProfiles(act, { survivor: absorbed, absorbed: survivor }, {}),
    ]) {
      expect(refusesOn(client, 'sms', phone)).toBe(true);
    }
  });

  it('forgets no refusal of an address that both gave up, whichever of the two said the last word', () => {
    const tel = { kind: 'tel' as const, value: newPhone() };
    const gaveUp = (changes: readonly ConsentChange[], at: string): ClientRecord => {
      const before = buildClient(act, { contacts: [{ type: 'phone', value: tel.value }] });
      const said = withConsents({ ...act, now: () => new Date(at) }, before, tel, changes) ?? before;
      return removeContact(act, said, said.contacts[0]?.id ?? '');
    };
    const refused = gaveUp(saidByItself('opted-out', 'client', 'STOP'), '2026-03-02T00:00:00.000Z');
    const noted = { purpose: 'service', status: 'opted-in', source: 'user', note: null } as const;
    for (const other of [
      gaveUp(saidByItself('opted-in', 'client', 'START'), '2026-03-01T00:00:00.000Z'),
      // A user's word does not take the client's own back, be it the later one.
      gaveUp([noted], '2026-03-03T00:00:00.000Z'),
    ]) {
      for (const pair of [
        { survivor: refused, absorbed: other },
        { survivor: other, absorbed: refused },
      ]) {
        expect(refusesOn(mergeProfiles(act, pair, {}), 'sms', tel.value)).toBe(true);
      }
    }
    const started = gaveUp(saidByItself('opted-in', 'client', 'START'), '2026-03-03T00:00:00.000Z');
    const merged = mergeProfiles(act, { survivor: refused, absorbed: started }, {});
    expect(refusesOn(merged, 'sms', tel.value)).toBe(false);
    const back = thereAndBack(refused, gaveUp([noted], '2026-03-03T00:00:00.000Z'), {});
    expect(refusesOn(back.survivor, 'sms', tel.value)).toBe(true);
  });

  it('forgets no refusal of many addresses that were given up, nor when it is undone', () => {
    const refuse = (client: ClientRecord, phones: readonly string[]): ClientRecord =>
      phones.reduce((before, value) => {
        const said = withConsents(act, before, { kind: 'tel', value }, saidByItself('opted-out', 'client', 'STOP'));
        return said ?? before;
      }, client);
    const holding = (): readonly [ClientRecord, string[]] => {
      const phones = Array.from({ length: 20 }, newPhone);
      const contacts = phones.map((value) => ({ type: 'phone' as const, value }));
      return [refuse(buildClient(act, { contacts }), phones), phones];
    };
    const givingUp = (client: ClientRecord): ClientRecord =>
      client.contacts.reduce((before, { id }) => removeContact(act, before, id), client);
    const [[held, ours], [other, theirs]] = [holding(), holding()];
    const survivor = givingUp(held);
    for (const absorbed of [other, givingUp(other)]) {
      const back = thereAndBack(survivor, absorbed, {});
      expect([...ours, ...theirs].filter((phone) => !refusesOn(back.client, 'sms', phone))).toEqual([]);
      expect(ours.filter((phone) => !refusesOn(back.survivor, 'sms', phone))).toEqual([]);
      expect(theirs.filter((phone) => !refusesOn(back.absorbed, 'sms', phone))).toEqual([]);
      expect(back.survivor.formerConsents).toHaveLength(20);
    }
  });

  it('gives a client back with what was refused while it was merged', () => {
    const [survivor, absorbed] = [buildClient(act), buildClient(act, { phone: newPhone() })];
    const client = mergeProfiles(act, { survivor, absorbed }, {});
    const tel = { kind: 'tel' as const, value: absorbed.phone ?? '' };
    const said = withConsents(act, client, tel, saidByItself('opted-out', 'client', 'STOP')) ?? client;
    expect(refusesOn(returned(act, absorbed, said), 'sms', tel.value)).toBe(true);
  });

  it('names each limit that would be crossed, and no other', () => {
    const client = buildClient(act, { comments: 'x'.repeat(5_000), tags: Array.from({ length: 50 }, String) });
    expect(mergeProblems(client)).toEqual([]);
    const ids = Array.from({ length: 11 }, () => ClientIdSchema.parse(act.newId()));
    const over = { ...client, comments: 'x'.repeat(5_001), tags: Array.from({ length: 51 }, String), absorbed: ids };
    expect(mergeProblems(over).map(({ field, limit }) => [field, limit])).toEqual([
      ['tags', 50],
      ['comments', 5_000],
      ['absorbed', 10],
    ]);
    const wide = {
      ...client,
      customFields: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i, 'x'.repeat(1_000)])),
    };
    expect(mergeProblems(wide).map(({ field, limit }) => [field, limit])).toEqual([['customFields', 32_000]]);
  });
});
