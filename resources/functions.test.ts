import { describe, expect, it } from '@jest/globals';
import { classOf } from './classes.ts';
import { functions } from './functions.ts';

const on = (stage: string) => {
  const variables: Readonly<Record<string, unknown>> = {
    'sls:stage': stage,
    'self:custom.timings': { answer: 20, function: 5, job: 30 },
  };
  return functions({ resolveVariable: (name) => Promise.resolve(variables[name]) });
};

describe('the functions of one machine', () => {
  it('answer their routes and load their source', async () => {
    expect(await on('local')).toMatchObject({
      createClient: {
        handler: 'functions/clients/create-client.handler',
        events: [{ httpApi: 'POST /crm/clients' }, { httpApi: 'POST /api/customers' }],
        timeout: 20,
      },
    });
  });

  it('have no schedules: the local stack runs those itself, and more often', async () => {
    const { settleDue } = await on('local');
    expect(settleDue).toMatchObject({ events: [], timeout: 30 });
  });
});

describe('the functions of a deployed stage', () => {
  it('have their own bundle and no routes: those are in the body of the API', async () => {
    expect(await on('prod')).toMatchObject({
      createClient: { handler: 'index.handler', events: [], package: { artifact: '.build/createClient.zip' } },
      settleDue: { events: [{ schedule: 'rate(1 minute)' }], role: 'JobsRole' },
    });
  });
});

it('a new area has to be given a class', () => {
  expect(() => classOf('invoices')).toThrow('functions/invoices belongs to no class');
});
