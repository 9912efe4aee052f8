import fc from 'fast-check';
import type { Delimiter } from '../contract/csv-files.ts';
import {
  bomLength,
  decodeCells,
  detectDelimiter,
  detectEncoding,
  guardCell,
  joinValues,
  MAX_ROW_BYTES,
  readRows,
  splitValues,
  unguardCell,
  Unreadable,
  whyNoText,
  writeRows,
} from './csv.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const read = (bytes: Uint8Array, delimiter: Delimiter = ',', isLast = true) =>
  readRows(bytes, delimiter, isLast).map(({ cells }) => cells && decodeCells(cells, 'utf-8'));

const delimiters = fc.constantFrom<Delimiter>(',', ';', '\t', '|');
const oddText = fc
  .array(
    fc.constantFrom('a', 'ў', '😀', '"', ',', ';', '\t', '|', '\n', '\r', ' ', "'", '=', '+', '-', '@', '\u0000'),
    {
      maxLength: 8,
    },
  )
  .map((signs) => signs.join(''));
const cell = fc.oneof(oddText, fc.string({ unit: 'grapheme' }));

describe('a file', () => {
  it('is read as it was written, whatever the cells hold', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 })), delimiters, (rows, delimiter) => {
        const written = bytesOf(writeRows(rows, delimiter));
        expect(read(written, delimiter).map((row) => row?.map(unguardCell))).toEqual(rows);
      }),
    );
  });

  it('says for each row where the next one begins', () => {
    const text = 'a,b\r\n"x\r\ny",1\n\nlast';
    const ends = readRows(bytesOf(text), ',', true).map(({ end }) => end);
    expect(ends.map((end) => text.slice(end))).toEqual(['"x\r\ny",1\n\nlast', '\nlast', 'last', '']);
  });

  it('may end a row in each of the three ways', () => {
    expect(read(bytesOf('a\r\nb\nc\rd'))).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('has rows of different lengths, and empty ones', () => {
    expect(read(bytesOf('a,b\n\nc\nd,e,f\n'))).toEqual([['a', 'b'], [''], ['c'], ['d', 'e', 'f']]);
  });

  it('loses one row, and no other, to a quote that is not closed', () => {
    expect(read(bytesOf('a,1\n"b,2\nc,3\n'))).toEqual([['a', '1'], null, ['c', '3']]);
    expect(read(bytesOf('a,"1\nb,2\nc,"3\nd,4\n'))).toEqual([null, ['b', '2'], null, ['d', '4']]);
  });

  it('takes quotes within a cell for themselves', () => {
    expect(read(bytesOf('OOO "Romashka",1\n"Romashka" OOO,2\n'))).toEqual([
      ['OOO "Romashka"', '1'],
      ['"Romashka" OOO', '2'],
    ]);
  });

  it('whose line has no end is none', () => {
    const endless = Buffer.alloc(2 * MAX_ROW_BYTES, 'x');
    expect(() => readRows(endless, ',', true)).toThrow(Unreadable);
    expect(() => readRows(endless, ',', false)).toThrow(Unreadable);
  });
});

describe('a part of a file', () => {
  const inParts = (bytes: Uint8Array, sizes: readonly number[]) => {
    const rows: unknown[] = [];
    let at = 0;
    for (let turn = 0; at < bytes.length; turn += 1) {
      // A part that holds no whole row is read again, longer.
      let size = sizes[turn % sizes.length] ?? 1;
      for (;;) {
        const part = bytes.subarray(at, at + size);
        const isLast = at + part.length >= bytes.length;
        const read = readRows(part, ',', isLast);
        rows.push(...read.map(({ cells }) => cells));
        const end = read.at(-1)?.end ?? 0;
        at += end;
        if (end > 0 || isLast) break;
        size *= 2;
      }
    }
    return rows;
  };

  it('has the rows that the whole file has, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '"', ',', '\n', '\r\n', '\r', '""', 'ў'), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
        (signs, sizes) => {
          const bytes = bytesOf(signs.join(''));
          const whole = readRows(bytes, ',', true).map(({ cells }) => cells);
          expect(inParts(bytes, sizes)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read piece by piece where every row has to be salvaged', () => {
    const bytes = bytesOf('OOO "Romashka",1\n'.repeat(3_000));
    const ends: number[] = [];
    for (let at = 0; at < bytes.length; at = ends.at(-1) ?? bytes.length) {
      ends.push(at + (readRows(bytes.subarray(at), ',', true).at(-1)?.end ?? 0));
    }
    expect(ends).toEqual([17_000, 34_000, 51_000]);
  });

  it('may end within a row that goes on, up to a limit', () => {
    const row = `"${'x'.repeat(1_000)}`;
    expect(read(bytesOf(`a\n${row}`), ',', false)).toEqual([['a']]);
    const endless = `a\n"${'x\n'.repeat(MAX_ROW_BYTES)}`;
    expect(read(bytesOf(endless), ',', false).slice(0, 3)).toEqual([['a'], null, ['x']]);
  });
});

describe('the beginning of a file', () => {
  it.each<[Delimiter, string]>([
    [',', 'name,phone\nAna,1\nOlim,2\n'],
    [';', 'name;phone\n"Karimova, Ana";1\n"Olim, O.";2\n'],
    ['\t', 'name\tphone\nAna, dr\t1\n'],
    ['|', 'name|phone\nAna|1'],
    [',', 'name\nAna\n'],
    [',', ''],
  ])('tells that its cells are separated by "%s"', (delimiter, text) => {
    expect(detectDelimiter(bytesOf(text))).toBe(delimiter);
  });

  it('tells Cyrillic of Windows from UTF-8', () => {
    const windows = Uint8Array.from([0xc0, 0xed, 0xe0, 0x3b, 0xca, 0xe0, 0xf0]);
    expect(detectEncoding(windows)).toBe('windows-1251');
    expect(detectEncoding(bytesOf('Ана;Каримова'))).toBe('utf-8');
    expect(detectEncoding(bytesOf('Ana'))).toBe('utf-8');
    // One broken character.
    expect(detectEncoding(Buffer.concat([bytesOf('Ана'), windows.subarray(0, 1)]))).toBe('utf-8');
  });

  it('tells what is no text', () => {
    expect(whyNoText(Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 0x14]))).toMatch(/Excel/);
    expect(whyNoText(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0]))).toMatch(/Excel/);
    expect(whyNoText(Buffer.from('\ufeffname', 'utf16le'))).toMatch(/UTF-16/);
    expect(whyNoText(Buffer.from('name', 'utf16le'))).toMatch(/not text/);
    expect(whyNoText(bytesOf('\ufeffname'))).toBeUndefined();
    expect(bomLength(bytesOf('\ufeffname'))).toBe(3);
    expect(bomLength(bytesOf('name'))).toBe(0);
  });
});

describe('a cell', () => {
  it('in another encoding is not guessed at', () => {
    const [row] = readRows(Uint8Array.from([0xc0, 0xed, 0xe0, 0x2c, 0x31]), ',', true);
    expect(decodeCells(row?.cells ?? [], 'utf-8')).toBeUndefined();
    expect(decodeCells(row?.cells ?? [], 'windows-1251')).toEqual(['Ана', '1']);
  });

  it.each(['=1+1', '+998901234567', '-5', '@SUM(A1)', '\tx', "'=1", "''=1"])(
    '%j is kept from being calculated',
    (text) => {
      expect(guardCell(text)).toBe(`'${text}`);
    },
  );

  it.each([
    ['Ana;=1+1', "Ana;'=1+1"],
    ['Ana, @SUM(A1)', "Ana,' @SUM(A1)"],
    ['Ana\r\n-5', "Ana\r\n'-5"],
    [' =1+1', "' =1+1"],
    ['＝1＋1', "'＝1＋1"],
  ])('%j is kept from being calculated by programs that divide or trim it', (text, guarded) => {
    expect(guardCell(text)).toBe(guarded);
  });

  it.each(['', 'Ana', "O'Neill", "'quoted'", "'", '5-3'])('%j is left as it is', (text) => {
    expect(guardCell(text)).toBe(text);
  });

  it('is after all what it was', () => {
    fc.assert(
      fc.property(cell, (text) => {
        expect(unguardCell(guardCell(text))).toBe(text);
      }),
    );
  });

  it('holds several values, whatever is in them', () => {
    const values = fc.array(cell.filter((value) => value !== ''));
    fc.assert(
      fc.property(values, fc.constantFrom(',', ';', '|', '/'), (list, separator) => {
        expect(splitValues(joinValues(list, separator), separator)).toEqual(list);
      }),
    );
  });

  it('holds several values as people write them', () => {
    expect(splitValues('vip;  wholesale ;;"a; b"\nnew', ';')).toEqual(['vip', 'wholesale', 'a; b', 'new']);
    expect(splitValues(' ', ';')).toEqual([]);
    expect(splitValues('"vip; new', ';')).toBeUndefined();
  });
});
