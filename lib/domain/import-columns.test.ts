import { exportedColumns } from '../contract/exports.ts';
import type { Mapping } from '../contract/imports.ts';
import { Failure } from './failure.ts';
import { describeColumns, mapColumns, suggestFields } from './import-columns.ts';

const refusedFor = (header: string[] | null, mapping: Mapping | undefined, width = header?.length ?? 3) => {
  try {
    mapColumns({ header, width }, mapping);
  } catch (error) {
    if (error instanceof Failure && error.code === 'import.mapping') return error.particulars.errors;
    throw error;
  }
  return undefined;
};

describe('the names of columns', () => {
  it.each([
    [
      ['Name', 'Surname', 'E-mail', 'Phone number', 'Date of birth', 'Shoe size'],
      ['firstName', 'lastName', 'email', 'phone', 'dateOfBirth', 'ignore'],
    ],
    [
      ['Имя', 'Фамилия', 'Отчество', 'Моб. телефон', 'Телефон', 'Дата рождения', 'Пол', 'Примечание'],
      ['firstName', 'lastName', 'middleName', 'ignore', 'phone', 'dateOfBirth', 'gender', 'comments'],
    ],
    [
      ['Ismi', 'Familiyasi', 'Otasining ismi', 'Telefon raqami', 'Manzil', 'JSHSHIR', 'Tugʻilgan sana'],
      ['firstName', 'lastName', 'middleName', 'phone', 'address', 'pin', 'dateOfBirth'],
    ],
    [
      ['Исм', 'Телефон рақами', 'Туғилган сана', 'Изоҳ'],
      ['firstName', 'phone', 'dateOfBirth', 'comments'],
    ],
  ])('%j suggest fields', (header, fields) => {
    expect(suggestFields(header)).toEqual(fields);
  });

  it('that an export writes lead to where they came from', () => {
    const written = [...exportedColumns, 'customFields.size'];
    const unread = ['id', 'createdAt', 'updatedAt'];
    expect(suggestFields(written)).toEqual(written.map((name) => (unread.includes(name) ? 'ignore' : name)));
  });

  it('that come twice lead to one field once', () => {
    const header = ['phone', 'mobile', 'name', 'имя', 'e-mail', 'почта', 'tags', 'теги'];
    const fields = ['phone', 'contact.phone', 'firstName', 'ignore', 'email', 'contact.email', 'tags', 'tags'];
    expect(suggestFields(header)).toEqual(fields);
  });
});

describe('a mapping', () => {
  const header = ['Name', 'Phone', 'Phone'];

  it('finds columns by name and by number', () => {
    const mapping: Mapping = [
      { column: 'Name', field: 'firstName' },
      { column: 2, field: 'phone' },
      { column: 3, field: 'ignore' },
    ];
    expect(mapColumns({ header, width: 3 }, mapping)).toEqual([
      { index: 0, name: 'Name', field: 'firstName' },
      { index: 1, name: 'Phone', field: 'phone' },
    ]);
  });

  it('calls a column by the beginning of a name that goes on and on', () => {
    const [column] = mapColumns({ header: ['x'.repeat(250_000)], width: 1 }, [{ column: 1, field: 'firstName' }]);
    expect(column?.name).toBe(`${'x'.repeat(199)}…`);
  });

  it('is what the header suggests where it is left out', () => {
    expect(mapColumns({ header, width: 3 }).map(({ field }) => field)).toEqual(['firstName', 'phone', 'contact.phone']);
  });

  it.each<[string, string[] | null, Mapping | undefined, string, RegExp]>([
    ['names no column', header, [{ column: 'Age', field: 'firstName' }], '/mapping/0/column', /no column/],
    ['names two columns', header, [{ column: 'Phone', field: 'phone' }], '/mapping/0/column', /two columns/],
    ['goes beyond the last', header, [{ column: 4, field: 'phone' }], '/mapping/0/column', /beyond/],
    ['names columns without names', null, [{ column: 'Name', field: 'firstName' }], '/mapping/0/column', /number/],
    [
      'takes a column twice',
      header,
      [
        { column: 1, field: 'firstName' },
        { column: 'Name', field: 'lastName' },
      ],
      '/mapping/1/column',
      /twice/,
    ],
    [
      'fills a field twice',
      header,
      [
        { column: 2, field: 'phone' },
        { column: 3, field: 'phone' },
      ],
      '/mapping/1/column',
      /another column/,
    ],
    ['leads nowhere', header, [{ column: 1, field: 'ignore' }], '/mapping', /no field/],
    ['is missing, and no name is known', ['A', 'B'], undefined, '/mapping', /no field/],
    ['is missing, and there are no names', null, undefined, '/mapping', /no field/],
  ])('is refused when it %s', (_, names, mapping, pointer, detail) => {
    const errors = refusedFor(names, mapping) ?? [];
    expect(errors.map((error) => error.pointer)).toEqual([pointer]);
    expect(errors[0]?.detail).toMatch(detail);
  });
});

it('columns are shown with the beginning of the file', () => {
  const rows = [['Ana', '1', 'x'.repeat(200)], ['Olim'], ['Zoé'], ['Bob']];
  expect(describeColumns(['Name', 'Phone'], rows)).toEqual([
    { number: 1, name: 'Name', samples: ['Ana', 'Olim', 'Zoé'], suggestion: 'firstName' },
    { number: 2, name: 'Phone', samples: ['1', '', ''], suggestion: 'phone' },
    { number: 3, name: null, samples: ['x'.repeat(100), '', ''], suggestion: 'ignore' },
  ]);
});
