import { buildClient, newAct } from '../../test/support/builders.ts';
import { mentioning } from './mention.ts';

const act = newAct();
const client = buildClient(act, {
  firstName: 'Gulnora',
  phone: '+998901234567',
  email: 'gulnora.t@example.com',
  pin: '31705900000001',
  contacts: [
    { type: 'telegram', value: '123456789' },
    { type: 'other', value: 'A' },
  ],
});
const participants = [
  { type: 'sms', address: '+998907654321', handle: null },
  { type: 'telegram', address: '987654321', handle: 'gulnora_t' },
  { type: 'user', address: null, handle: 'ana_the_agent' },
];
const mentions = mentioning([client], [client.id], participants);

describe('a payload mentions a client', () => {
  it.each([
    ['by its id', JSON.stringify({ pk: `T#t#CLIENT#${client.id}` })],
    ['by its phone', '{"from":"+998901234567"}'],
    ['by its phone in a form', 'From=%2B998901234567&Body=Salom'],
    ['by its phone on WhatsApp in a form', 'From=whatsapp%3A%2B998901234567'],
    ['by its phone with international zeros', 'From=00998901234567'],
    ['by its e-mail, whatever the case', '{"from":"Gulnora.T@Example.com"}'],
    ['by its e-mail in a form', 'Body=write+to+gulnora.t%40example.com'],
    ['by its PIN', '{"pin":31705900000001}'],
    ['by its Telegram account', '{"from":{"id":123456789,"first_name":"G"}}'],
    ['by an address that it once wrote from', 'From=%2B998907654321'],
    ['by a Telegram account that it once wrote from', '{"chat":{"id":987654321}}'],
    ['by its handle', '{"username":"Gulnora_T"}'],
  ])('%s', (_, payload) => {
    expect(mentions(payload)).toBe(true);
  });

  it.each([
    ['by its name, which is others’ too', '{"from":{"first_name":"Gulnora"}}'],
    ['by a longer number', '{"id":99890123456789,"update_id":91234567890}'],
    ['by a contact that may be any word', '{"text":"A"}'],
    ['by a word that its handle is a part of', '{"username":"gulnora_team"}'],
    ['by the name of a user', '{"username":"ana_the_agent"}'],
  ])('not %s', (_, payload) => {
    expect(mentions(payload)).toBe(false);
  });

  it('not when it has nothing that is its own', () => {
    const other = mentioning([buildClient(act)], [], []);
    expect(other('From=%2B998901234567&Body=Ana')).toBe(false);
  });
});
