import { compound, docx, exe, gif, jpeg, mp4, ogg, pdf, png, zip } from '../../test/support/files.ts';
import { identify, mismatchOf } from './file-type.ts';

const text = (words: string): Buffer => Buffer.from(words);
const utf16 = Buffer.from('\ufeffhello', 'utf16le');

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('what the bytes of an upload are', () => {
  it.each([
    ['image/png', png],
    ['image/jpeg', jpeg],
    ['image/gif', gif],
    ['application/pdf', pdf],
    ['video/mp4', mp4],
    ['audio/mp4', mp4],
    ['audio/ogg', ogg],
    ['application/zip', zip],
    [DOCX, docx],
    ['application/msword', compound('WordDocument')],
    ['application/vnd.ms-excel', compound('Workbook')],
    ['text/plain', text('Assalomu alaykum, Привет, 👋\n')],
    ['text/plain', text('BMW, 3 < 5 and <b>bold</b> words')],
    ['text/csv', text('name,phone\nAna,+99890\n')],
    ['text/vcard', text('BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nEND:VCARD\n')],
  ])('is %s, as was announced', async (announced, bytes) => {
    expect(await mismatchOf(bytes, announced)).toBeUndefined();
    expect(await identify(bytes, announced)).toBe(announced);
  });

  it.each([
    ['image/png', jpeg, 'image/jpeg'],
    ['image/png', text('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'something else'],
    ['application/pdf', exe, 'application/x-msdownload'],
    ['application/pdf', text('not a document'), 'something else'],
    ['application/zip', docx, DOCX],
    [DOCX, zip, 'application/zip'],
    ['application/msword', compound('Workbook'), 'application/vnd.ms-excel'],
    ['application/msword', compound('an installer'), 'application/x-cfb'],
    ['text/plain', exe, 'no harmless text in UTF-8'],
    ['text/plain', utf16, 'no harmless text in UTF-8'],
    ['text/plain', text('  <!DOCTYPE html><p>Hello'), 'no harmless text in UTF-8'],
    ['text/plain', text('hello <script>alert(1)</script>'), 'no harmless text in UTF-8'],
    ['text/csv', text('\n<svg onload=alert(1)>'), 'no harmless text in UTF-8'],
    ['text/csv', text('a,b\u0000c'), 'no harmless text in UTF-8'],
    ['text/plain', pdf, 'application/pdf'],
    ['text/vcard', text('Ana, +99890'), 'text/plain'],
  ])('is not %s', async (announced, bytes, found) => {
    expect(await mismatchOf(bytes, announced)).toBe(found);
  });
});

describe("what the bytes of a client's file are", () => {
  it.each([
    ['image/png', png, 'image/jpeg'],
    ['image/jpeg', jpeg, 'application/octet-stream'],
    ['audio/mp4', mp4, 'audio/mp4'],
    ['application/x-msdownload', exe, 'image/png'],
    ['text/plain', text('hello'), 'image/png'],
    ['text/csv', text('a,b'), 'text/csv; charset=utf-8'],
    ['application/octet-stream', text('<html><script>'), 'text/html'],
    ['application/octet-stream', Buffer.from([0, 1, 2]), 'text/plain'],
    ['application/octet-stream', utf16, 'text/plain'],
    ['text/plain', Buffer.alloc(0), ''],
  ])('is %s, whatever its sender says', async (found, bytes, said) => {
    expect(await identify(bytes, said)).toBe(found);
  });
});
