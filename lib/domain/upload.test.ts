import * as fc from 'fast-check';
import { newAct } from '../../test/support/builders.ts';
import { FILE_TYPES, isShownInline, MAX_FILE_BYTES } from '../contract/files.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import { Failure } from './failure.ts';
import { cleanName, fileNameOf, newUpload } from './upload.ts';

const ana = UserIdSchema.parse('ana');
const announce = (contentType: string, size = 1) => newUpload(newAct(), { name: 'a file', contentType, size }, ana);

/** With which code it fails. */
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Failure ? error.code : 'another error';
  }
};

describe('an upload', () => {
  it.each(FILE_TYPES.map((type) => [type]))('may be %s', (type) => {
    expect(announce(type)).toMatchObject({ contentType: type, state: 'awaiting', createdBy: 'ana' });
  });

  it('has its type in one form', () => {
    expect(announce(' Text/CSV ; charset=utf-8').contentType).toBe('text/csv');
  });

  it.each(['text/html', 'image/svg+xml', 'application/javascript', 'application/xml', 'application/octet-stream'])(
    'may not be %s',
    (type) => {
      expect(codeOf(() => announce(type))).toBe('upload.type');
    },
  );

  it('may have 25 MB', () => {
    expect(announce('image/png', MAX_FILE_BYTES).size).toBe(MAX_FILE_BYTES);
    expect(codeOf(() => announce('image/png', MAX_FILE_BYTES + 1))).toBe('upload.too-large');
  });
});

describe('a file', () => {
  it.each([
    ['photo.png', 'image/png', 'photo.png'],
    ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
    ['photo.html', 'image/png', 'photo.html.png'],
    ['photo', 'image/png', 'photo.png'],
    ['счёт.pdf.exe', 'application/pdf', 'счёт.pdf.exe.pdf'],
    ['sticker.tgs', 'application/gzip', 'sticker.tgs'],
  ])('called %s of type %s is saved as %s', (name, contentType, saved) => {
    expect(fileNameOf({ name, contentType })).toBe(saved);
  });

  it('is shown in the page only when nothing in it can run', () => {
    const shown = ['text/html', 'image/svg+xml', 'application/pdf', 'text/plain', 'application/xml'].filter(
      isShownInline,
    );
    expect(shown).toEqual([]);
    expect(['image/png', 'video/mp4', 'audio/ogg'].every(isShownInline)).toBe(true);
  });

  it('whose name somebody else chose is called something harmless', () => {
    expect(cleanName('..\\..\\boot.ini')).toBe('boot.ini');
    expect(cleanName('/etc/passwd')).toBe('passwd');
    expect(cleanName('photo\u202egnp.exe\n')).toBe('photognp.exe');
    expect(cleanName('a/')).toBe('file');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const clean = cleanName(name);
        expect(clean).toMatch(/^[^\p{Cc}/\\]{1,255}$/su);
        expect(clean.isWellFormed()).toBe(true);
      }),
    );
  });
});
