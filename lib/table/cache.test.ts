import { jest } from '@jest/globals';
import { cached } from './cache.ts';

/** Loads what is told, and counts. */
const source = (value: string | undefined) => {
  let loads = 0;
  let answer: string | undefined | Error = value;
  return {
    loads: () => loads,
    answers: (next: string | undefined | Error) => {
      answer = next;
    },
    load: () => {
      loads += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
};

describe('a cache', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks once in its time, for each key', async () => {
    const { load, loads, answers } = source('a');
    const cache = cached(10, load);
    expect([await cache.get('one'), await cache.get('one'), await cache.get('two')]).toEqual(['a', 'a', 'a']);
    expect(loads()).toBe(2);
    answers('b');
    jest.advanceTimersByTime(9_999);
    expect(await cache.get('one')).toBe('a');
    jest.advanceTimersByTime(1);
    expect(await cache.get('one')).toBe('b');
  });

  it('asks again what it was told to forget, and what was not there', async () => {
    const { load, answers } = source('a');
    const cache = cached(10, load);
    await cache.get('one');
    answers(undefined);
    cache.forget('one');
    expect(await cache.get('one')).toBeUndefined();
    answers('b');
    expect(await cache.get('one')).toBe('b');
  });

  it('gives what it remembers, however old, while its source is away, and nothing else', async () => {
    const { load, answers } = source('a');
    const cache = cached(10, load);
    await cache.get('one');
    jest.advanceTimersByTime(3_600_000);
    answers(new Error('away'));
    expect(await cache.get('one')).toBe('a');
    await expect(cache.get('two')).rejects.toThrow('away');
  });

  it('gives nothing that is older than it may be at most, though its source is away', async () => {
    const { load, answers } = source('a');
    const cache = cached(10, load, 60);
    await cache.get('one');
    answers(new Error('away'));
    jest.advanceTimersByTime(59_999);
    expect(await cache.get('one')).toBe('a');
    jest.advanceTimersByTime(1);
    await expect(cache.get('one')).rejects.toThrow('away');
    answers('b');
    expect(await cache.get('one')).toBe('b');
  });

  it('does not remember what is gone', async () => {
    const { load, answers } = source('a');
    const cache = cached(10, load);
    await cache.get('one');
    jest.advanceTimersByTime(10_000);
    answers(undefined);
    expect(await cache.get('one')).toBeUndefined();
    answers(new Error('away'));
    await expect(cache.get('one')).rejects.toThrow('away');
  });
});
