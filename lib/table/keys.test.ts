import * as fc from 'fast-check';
import { ClientIdSchema, TenantIdSchema, UserIdSchema } from '../contract/vocabulary.ts';
import {
  auditOfActor,
  auditOfSubject,
  dueShard,
  identityKey,
  inbox,
  interactionsDueOf,
  memberKey,
  privateNotesOf,
  referenceKey,
  routeKey,
  tenantOfKey,
  tenantPrefix,
  DUE_SHARDS,
} from './keys.ts';
import { newChannelId } from '../../test/support/builders.ts';

const clientId = ClientIdSchema.parse('01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10');
const tenants = fc.stringMatching(/^[a-z0-9-]{1,64}$/).map((id) => TenantIdSchema.parse(id));
/** Text that likes the characters that keys are made of. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('#', '%', '2', '3', '5', 'a', 'T', 'IDENTITY', '#UNREAD') }),
  fc.string({ unit: 'grapheme' }),
);
const identities = fc.record({ kind: fc.constantFrom('tel', 'email', 'other', 'pin'), value: text });
const channelId = newChannelId();

describe('a key', () => {
  it('belongs to one tenant, whatever is in it', () => {
    fc.assert(
      fc.property(tenants, identities, text, (tenant, identity, value) => {
        const partitions = [
          identityKey(tenant, identity).pk,
          referenceKey(tenant, channelId, value).pk,
          memberKey(tenant, clientId, value).pk,
          inbox(tenant, value),
          auditOfActor(tenant, value),
          interactionsDueOf(tenant, UserIdSchema.parse(`u${value}`.slice(0, 128))),
          auditOfSubject(tenant, value),
        ];
        for (const partition of partitions) {
          expect(tenantOfKey(partition)).toBe(tenant);
          expect(partition.startsWith(tenantPrefix(tenant))).toBe(true);
        }
      }),
    );
  });

  it('is no other tenant’s: no tenant’s prefix begins another’s', () => {
    fc.assert(
      fc.property(tenants, tenants, (one, other) => {
        fc.pre(one !== other);
        expect(tenantPrefix(one).startsWith(tenantPrefix(other))).toBe(false);
      }),
    );
  });

  it('is one thing’s only: different parts make different keys', () => {
    fc.assert(
      fc.property(tenants, identities, identities, (tenant, one, other) => {
        const same = one.kind === other.kind && one.value === other.value;
        expect(identityKey(tenant, one).pk === identityKey(tenant, other).pk).toBe(same);
      }),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), fc.array(text, { minLength: 1 }), (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(routeKey(...one).pk === routeKey(...other).pk).toBe(same);
      }),
    );
  });

  it('of a private note is in no list but its author’s', () => {
    const users = text.filter((name) => name !== '').map((name) => UserIdSchema.parse(name.slice(0, 128)));
    fc.assert(
      fc.property(users, users, (one, other) => {
        fc.pre(one !== other);
        expect(privateNotesOf(one).startsWith(privateNotesOf(other))).toBe(false);
      }),
    );
  });

  it('writes # and % so that they separate nothing', () => {
    const tenant = TenantIdSchema.parse('shop');
    expect(identityKey(tenant, { kind: 'other', value: 'a#b%23' }).pk).toBe('T#shop#IDENTITY#other#a%23b%2523');
    expect(memberKey(tenant, clientId, 'sms:#CHAT').sk).toBe('#MEMBER#sms:%23CHAT');
  });

  it.each(['ROUTE#a', 'T#', 'T##X', 'T#Shop#X', 'T#a b#X', '', `T#${'a'.repeat(65)}#X`])(
    'like %p is no tenant’s',
    (pk) => {
      expect(tenantOfKey(pk)).toBeUndefined();
    },
  );
});

describe('the due index', () => {
  it('spreads ids over all of its shards', () => {
    const shards = new Set(Array.from('0123456789abcdef', (digit) => dueShard(`x${digit}`)));
    expect(shards.size).toBe(DUE_SHARDS);
  });
});
