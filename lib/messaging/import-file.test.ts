import { Failure } from '../domain/failure.ts';
import { describeColumns } from '../domain/import-columns.ts';
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

  it('shows as many columns as can be mapped, and refuses to lose any that has a name', () => {
    const empty = ','.repeat(200_000);
    expect(describeColumns(open(`name${empty}\n`).header, open(`name${empty}\n`).rows)).toHaveLength(500);
    expect(refused(Buffer.from(`name${empty}phone\n`))).toMatch(/500 columns/);
    const ragged = open(`name\nAna${empty}1\n`);
    expect(ragged).toMatchObject({ header: ['name'], rows: [['Ana', ...Array.from({ length: 499 }, () => '')]] });
  });

  it('shows a sample of a file of very many short rows', () => {
    const { header, rows } = open('1\n'.repeat(250_000), { header: false });
    expect(describeColumns(header, rows)).toEqual([
      { number: 1, name: null, samples: ['1', '1', '1'], suggestion: 'ignore' },
    ]);
  });

  it('is refused where there is none', () => {
    expect(refused(new Uint8Array())).toMatch(/first row/);
    expect(refused(Buffer.from('"name\nAna\n'))).toMatch(/first row/);
    expect(refused(Buffer.from('PK\u0003\u0004'))).toMatch(/Excel/);
    expect(refused(Buffer.alloc(600_000, 'x'))).toMatch(/no end/);
  });
});
