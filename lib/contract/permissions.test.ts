import { describe, expect, it } from '@jest/globals';
import { allows, type Permission } from './permissions.ts';
import { RoleSchema, type Role } from './vocabulary.ts';

const everyone: readonly Role[] = ['admin', 'manager', 'agent'];
const leaders: readonly Role[] = ['admin', 'manager'];
const admin: readonly Role[] = ['admin'];

// A record of all, so that a new permission does not compile before it is given a place here.
const holders: Readonly<Record<Permission, readonly Role[]>> = {
  'Client.Create': everyone,
  'Client.Read': everyone,
  'Client.Update': everyone,
  'Client.Delete': leaders,
  'Chat.Create': everyone,
  'Chat.Read': everyone,
  'Chat.Update': everyone,
  'Chat.Delete': leaders,
  'Message.Send': everyone,
  'Message.Read': everyone,
  'Template.Manage': leaders,
  'Template.Read': everyone,
  'Note.Create': everyone,
  'Note.Read': everyone,
  'Note.Update': everyone,
  'Note.Delete': everyone,
  'Interaction.Create': everyone,
  'Interaction.Read': everyone,
  'Interaction.Update': everyone,
  'Interaction.Delete': leaders,
  'Tag.Manage': everyone,
  'Segment.Create': leaders,
  'Segment.Read': everyone,
  'Segment.Update': leaders,
  'Segment.Delete': leaders,
  'Campaign.Create': leaders,
  'Campaign.Read': leaders,
  'Campaign.Update': leaders,
  'Campaign.Delete': leaders,
  'Channel.Manage': admin,
  'Channel.Read': everyone,
  'Stats.Read': everyone,
  'Stats.ReadAll': leaders,
  'Audit.Read': leaders,
  'Settings.Manage': admin,
  'User.Manage': admin,
  'User.Read': everyone,
  'DeadLetter.Manage': leaders,
  'Privacy.Export': leaders,
  'Privacy.Erase': admin,
};

const isPermission = (name: string): name is Permission => name in holders;

describe('permissions', () => {
  it.each(Object.keys(holders).filter(isPermission))('give %s to the right roles', (permission) => {
    expect(RoleSchema.options.filter((role) => allows(role, permission))).toEqual(holders[permission]);
  });
});
