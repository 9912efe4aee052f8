import { jest } from '@jest/globals';
import * as z from 'zod';
import { sqsEvent } from '../../test/support/builders.ts';
import { logger } from './logger.ts';
import { consume, consumeInOrder } from './queue.ts';

const EntrySchema = z.strictObject({ name: z.string() });
const entries = (...names: string[]) => sqsEvent(names.map((name) => JSON.stringify({ name })));
const failures = (...places: number[]) => ({
  batchItemFailures: places.map((place) => ({ itemIdentifier: String(place) })),
});
const unreadable = ['', '{', 'null', '{}', '{"name":1}', '{"name":"Ana","more":1}'];

const logged = jest.spyOn(logger, 'error').mockImplementation(() => undefined);
beforeEach(() => logged.mockClear());

describe('a standard queue', () => {
  it('is told of the entries that failed, and only of them', async () => {
    const seen: string[] = [];
    const handler = consume(EntrySchema, ({ name }) => {
      seen.push(name);
      return name.startsWith('bad') ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    expect(await handler(entries('a', 'bad1', 'b', 'bad2'))).toEqual(failures(1, 3));
    expect(seen).toEqual(['a', 'bad1', 'b', 'bad2']);
    expect(await handler(entries('a'))).toEqual(failures());
  });

  it('is told of an entry whose handler throws before it promises anything', async () => {
    const handler = consume(EntrySchema, () => {
      throw new Error('no');
    });
    expect(await handler(entries('a'))).toEqual(failures(0));
  });

  it.each(unreadable)('keeps what cannot be read, %p, for its dead letters, and handles the rest', async (body) => {
    const seen: string[] = [];
    const handler = consume(EntrySchema, ({ name }) => {
      seen.push(name);
      return Promise.resolve();
    });
    const { Records } = entries('a', 'b');
    expect(await handler({ Records: [...sqsEvent([body]).Records, ...Records.slice(1)] })).toEqual(failures(0));
    expect(seen).toEqual(['b']);
  });

  it('has failures logged without what an entry said', async () => {
    const handler = consume(EntrySchema, () => Promise.reject(new Error('Zulfiya has no phone')));
    await handler(entries('Zulfiya'));
    await handler(sqsEvent(['{"name":{"Zulfiya":1}}', 'Zulfiya']));
    expect(logged).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(logged.mock.calls)).not.toContain('Zulfiya');
  });
});

describe('a FIFO queue', () => {
  const record = (fails: (name: string) => Promise<boolean>) => {
    const seen: string[] = [];
    const handler = consumeInOrder(EntrySchema, async ({ name }) => {
      seen.push(`${name} begins`);
      const done = await fails(name);
      seen.push(`${name} ends`);
      return done;
    });
    return { seen, handler };
  };

  it('is worked one entry after the other', async () => {
    const { seen, handler } = record(() => Promise.resolve(true));
    expect(await handler(entries('a', 'b'))).toEqual(failures());
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('gets back what has to wait and all that follows it, untouched', async () => {
    const { seen, handler } = record((name) => Promise.resolve(name !== 'b'));
    expect(await handler(entries('a', 'b', 'c', 'd'))).toEqual(failures(1, 2, 3));
    expect(seen).not.toContain('c begins');
  });

  it('gets back what failed and all that follows it', async () => {
    const { handler } = record((name) => (name === 'b' ? Promise.reject(new Error('no')) : Promise.resolve(true)));
    expect(await handler(entries('a', 'b', 'c'))).toEqual(failures(1, 2));
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it.each(unreadable)('gets back what cannot be read, %p, and all that follows it', async (body) => {
    const { seen, handler } = record(() => Promise.resolve(true));
    expect(await handler(sqsEvent([JSON.stringify({ name: 'a' }), body, JSON.stringify({ name: 'c' })]))).toEqual(
      failures(1, 2),
    );
    expect(seen).toEqual(['a begins', 'a ends']);
  });
});
