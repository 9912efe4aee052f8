import type { Role } from './vocabulary.ts';

interface Actions {
  Client: 'Create' | 'Read' | 'Update' | 'Delete';
  Chat: 'Create' | 'Read' | 'Update' | 'Delete';
  Message: 'Send' | 'Read';
  Template: 'Manage' | 'Read';
  Note: 'Create' | 'Read' | 'Update' | 'Delete';
  Interaction: 'Create' | 'Read' | 'Update' | 'Delete';
  Tag: 'Manage';
  Segment: 'Create' | 'Read' | 'Update' | 'Delete';
  Campaign: 'Create' | 'Read' | 'Update' | 'Delete';
  Channel: 'Manage' | 'Read';
  Stats: 'Read' | 'ReadAll';
  Audit: 'Read';
  Settings: 'Manage';
  User: 'Manage' | 'Read';
  DeadLetter: 'Manage';
  Privacy: 'Export' | 'Erase';
}

export type Permission = { [Area in keyof Actions]: `${Area}.${Actions[Area]}` }[keyof Actions];

const managersLack: readonly Permission[] = ['Channel.Manage', 'Settings.Manage', 'User.Manage', 'Privacy.Erase'];

const agentsHave: readonly Permission[] = [
  'Client.Create',
  'Client.Read',
  'Client.Update',
  'Chat.Create',
  'Chat.Read',
  'Chat.Update',
  'Message.Send',
  'Message.Read',
  'Interaction.Create',
  'Interaction.Read',
  'Interaction.Update',
  'Tag.Manage',
  'Note.Create',
  'Note.Read',
  'Note.Update',
  'Note.Delete',
  'Template.Read',
  'Channel.Read',
  'Segment.Read',
  'User.Read',
  'Stats.Read',
];

/** May this role do this? Own notes and own statistics are narrowed further by their use cases. */
export const allows = (role: Role, permission: Permission): boolean => {
  switch (role) {
    case 'admin':
      return true;
    case 'manager':
      return !managersLack.includes(permission);
    case 'agent':
      return agentsHave.includes(permission);
  }
};
