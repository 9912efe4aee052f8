import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { StackParameters, fillParameters, variableOf } from './stack-parameters.ts';

const root = join(import.meta.dirname, '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

const newStack = () => ({
  compiledCloudFormationTemplate: { Parameters: { JwtIssuer: {}, CursorKey: {}, LogLevel: { Default: 'INFO' } } },
  coreCloudFormationTemplate: {},
});

describe('the parameters of a deployment', () => {
  it('come from the variables of the same name, and defaults stay defaults', () => {
    const stack = newStack();
    fillParameters(stack, { JWT_ISSUER: 'https://issuer.example', CURSOR_KEY: 'key', UNRELATED: 'x' });
    expect(stack).toMatchObject({
      stackParameters: [
        { ParameterKey: 'JwtIssuer', ParameterValue: 'https://issuer.example' },
        { ParameterKey: 'CursorKey', ParameterValue: 'key' },
      ],
    });
  });

  it('are all in the table of docs/deploying.md, and it holds no other', () => {
    const { Parameters } = z
      .looseObject({ Parameters: z.record(z.string(), z.unknown()) })
      .parse(parse(read('resources', 'parameters.yml')));
    const rows = read('docs', 'deploying.md').match(/^\| `.*?`(?= +\|)/gm) ?? [];
    const listed = rows.flatMap((row) => row.match(/(?<=`)[A-Z_]+(?=`)/g) ?? []);
    expect(listed.toSorted()).toEqual(Object.keys(Parameters).map(variableOf).toSorted());
  });

  it('are declared by the first template of a new stack too', () => {
    const stack = newStack();
    fillParameters(stack, { JWT_ISSUER: 'https://issuer.example', CURSOR_KEY: 'key' });
    expect(stack.coreCloudFormationTemplate).toEqual(stack.compiledCloudFormationTemplate);
  });

  it('are asked for by name when they are missing or empty', () => {
    expect(() => fillParameters(newStack(), { CURSOR_KEY: '' })).toThrow('set JWT_ISSUER, CURSOR_KEY.');
  });
});

describe('the stage that is one machine', () => {
  const initialize = (command: string, stage: string) =>
    new StackParameters({
      service: { provider: newStack() },
      processedInput: { commands: [command] },
      getProvider: () => ({ getStage: () => stage }),
    }).hooks.initialize?.();

  it('is neither deployed nor packaged', () => {
    expect(() => initialize('deploy', 'local')).toThrow('To deploy, give another: --stage prod.');
    expect(() => initialize('package', 'local')).toThrow('To package, give another: --stage prod.');
  });

  it('runs, and others deploy', () => {
    expect(() => initialize('offline', 'local')).not.toThrow();
    expect(() => initialize('deploy', 'prod')).not.toThrow();
  });
});
