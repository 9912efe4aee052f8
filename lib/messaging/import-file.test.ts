import { Failure } from '../domain/failure.ts';
import { openBytes } from './import-file.ts';

const open = (text: string, wishes: Partial<Parameters<typeof openBytes>[2]> = {}) =>
  openBytes(Buffer.from(text), true, { header: true, ...wishes });

const refused = (bytes: Uint8Array): string => {
  try {
    openBytes(bytes, true, { header: true });
  } catch (error) {
    if (error instanceof Failure && error.code === 'import.unreadable') return error.message;
    throw error;
  }
  return '';
};

describe('the opening of a file', () => {
  it('tells the columns, and where the first row begins', () => {
    const text = '\ufeffName;"Phone";\'=x\r\nAna;1;2\r\n';
    expect(open(text)).toEqual({
      delimiter: ';',
      encoding: 'utf-8',
      header: ['Name', 'Phone', '=x'],
      firstRowAt: Buffer.from(text.slice(0, text.indexOf('Ana'))).length,
      rows: [['Ana', '1', '2']],
    });
  });

  it('without a header begins with a row', () => {
    expect(open('\ufeffAna,1\n', { header: false })).toMatchObject({
      header: null,
      firstRowAt: 3,
      rows: [['Ana', '1']],
    });
  });

  it('is read as the user says', () => {
    expect(open('a;b|c\n', { delimiter: '|' }).header).toEqual(['a;b', 'c']);
    expect(open('é\n', { encoding: 'windows-1251' }).header).toEqual(['Г©']);
  });

  it('has rows that cannot be read, which have no cells', () => {
    expect(open('a\n"b\nc\n').rows).toEqual([[], ['c']]);
  });

  it('is refused where there is none', () => {
    expect(refused(new Uint8Array())).toMatch(/first row/);
    expect(refused(Buffer.from('"name\nAna\n'))).toMatch(/first row/);
    expect(refused(Buffer.from('PK\u0003\u0004'))).toMatch(/Excel/);
    expect(refused(Buffer.alloc(600_000, 'x'))).toMatch(/no end/);
  });
});
