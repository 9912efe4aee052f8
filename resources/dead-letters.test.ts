import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');
const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

const queues = read('resources', 'queues.yml');
const streamRole = /\n {2}StreamRole:\n[^]*?(?=\n {2}\w+Role:)/.exec(read('resources', 'roles.yml'))?.[0] ?? '';

it('whatever a queue gives up is taken into the list of dead letters', () => {
  const collected = namesIn(read('functions', 'workers', 'functions.yml'), /\[(\w+DeadLetters), Arn\]/g);
  expect(collected.toSorted()).toEqual(namesIn(queues, /^ {2}(\w+DeadLetters):/gm).toSorted());
});

it('whatever a queue gave up can be put back there', () => {
  const reached = new Set(namesIn(streamRole, /\[(\w+Queue), Arn\]/g));
  const outbound = streamRole.includes('*outboundQueues') ? ['OutboundTwilioQueue', 'OutboundTelegramQueue'] : [];
  expect([...reached, ...outbound].toSorted()).toEqual(namesIn(queues, /^ {2}(\w+Queue):/gm).toSorted());
});
