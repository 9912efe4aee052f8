import { matches } from './event-pattern.ts';

const event = {
  source: 'crm',
  'detail-type': 'MessageSent',
  detail: { tenantId: 'demo', data: { status: 'sent', tags: ['vip'] } },
};

describe('an event pattern', () => {
  it.each([
    ['an exact value', { source: ['crm'] }],
    ['one of several values', { 'detail-type': ['MessageRead', 'MessageSent'] }],
    ['a prefix', { 'detail-type': [{ prefix: 'Message' }] }],
    ['a suffix', { 'detail-type': [{ suffix: 'Sent' }] }],
    ['a value inside', { detail: { data: { status: ['sent'] } } }],
    ['any element of a list', { detail: { data: { tags: ['vip', 'new'] } } }],
    ['what is not excluded', { 'detail-type': [{ 'anything-but': ['MessageRead'] }] }],
    ['what lacks an excluded prefix', { 'detail-type': [{ 'anything-but': { prefix: 'Client' } }] }],
    ['a field that exists', { detail: { tenantId: [{ exists: true }] } }],
    ['a field that does not exist', { detail: { actor: [{ exists: false }] } }],
    ['a value in any case', { source: [{ 'equals-ignore-case': 'CRM' }] }],
    ['nothing asked', {}],
  ])('matches %s', (_, pattern) => {
    expect(matches(pattern, event)).toBe(true);
  });

  it.each([
    ['another value', { source: ['aws'] }],
    ['one field right and one wrong', { source: ['crm'], 'detail-type': ['MessageRead'] }],
    ['an excluded value', { 'detail-type': [{ 'anything-but': 'MessageSent' }] }],
    ['an excluded prefix', { 'detail-type': [{ 'anything-but': { prefix: 'Message' } }] }],
    ['a missing field', { detail: { actor: { id: ['ana'] } } }],
    ['a missing field that only has to differ', { detail: { actor: [{ 'anything-but': 'ana' }] } }],
    ['a number for a text', { detail: { tenantId: [1] } }],
  ])('refuses %s', (_, pattern) => {
    expect(matches(pattern, event)).toBe(false);
  });

  it('says so when it does not know an operator, rather than never matching', () => {
    expect(() => matches({ source: [{ wildcard: 'c*' }] }, event)).toThrow('"wildcard"');
  });
});
