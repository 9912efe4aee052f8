import { UserIdSchema } from '../contract/vocabulary.ts';
import { bucketOf } from './histogram.ts';
import { performanceSheet } from './stats-sheets.ts';
import { performanceOf } from './stats-views.ts';

const range = { from: '2026-01-01', to: '2026-01-31', timeZone: 'UTC' };
const minute = 60_000;

const performance = (name: string) => {
  const id = UserIdSchema.parse('ana');
  const fields = new Map([
    ['status:delivered', 3],
    ['status:failed', 1],
    [`response:${bucketOf(minute)}`, 2],
    ['response:total', 2 * minute],
  ]);
  const parts = [{ day: '2026-01-05', about: id, fields }];
  return performanceOf(range, { messages: parts, chats: parts, channels: [], agents: parts }, () => name);
};

describe('a sheet of statistics', () => {
  it('has a row for all, and for each user, with nothing where there is nothing to tell', () => {
    const [head = '', ...rows] = performanceSheet(performance('Ana')).trimEnd().split('\r\n');
    const names = head.split(',');
    const [total = [], user = []] = rows.map((row) => row.split(','));
    const cell = (row: readonly string[], name: string) => row[names.indexOf(name)];
    expect([rows.length, cell(total, 'of'), cell(user, 'of'), cell(user, 'name')]).toEqual([2, 'total', 'user', 'Ana']);
    expect(cell(user, 'deliveryRate')).toBe('0.75');
    expect(cell(user, 'response.elapsed.meanSeconds')).toBe('60');
    expect(cell(user, 'firstResponse.elapsed.count')).toBe('0');
    expect(cell(user, 'firstResponse.elapsed.p90Seconds')).toBe('');
  });

  it.each(['=1+1', '@cmd', '+7', '-2', "'=1", '\t=1'])('has no cell that a program calculates: %j', (name) => {
    const [, , row = ''] = performanceSheet(performance(name)).split('\r\n');
    expect(row).toMatch(/^user,ana,"?'/);
  });
});
