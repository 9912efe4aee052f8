import fc from 'fast-check';
import { queueText } from './queue-text.ts';

describe('text for a queue', () => {
  it('keeps whatever people write', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(queueText({ text }))).toEqual({ text });
      }),
    );
  });

  it('holds only characters that every queue takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(queueText(text)).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd]*$/);
      }),
    );
  });

  it('leaves letters as they are', () => {
    expect(queueText({ text: 'Привет 👋' })).toBe('{"text":"Привет \\ud83d\\udc4b"}');
  });
});
