import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readDefinitions, type Definition } from '../../resources/definitions.ts';
import { routes } from './index.ts';
import { aliases, type Route } from './route.ts';

const root = join(import.meta.dirname, '../..');

/** Areas that answer HTTP in forms of their own: pages, providers' webhooks, what nobody else answers. */
const withoutContract: readonly string[] = ['docs', 'edge', 'webhooks'];

const addressesOf = ({ events }: Definition): string[] =>
  events.flatMap((event) => ('httpApi' in event ? [event.httpApi] : []));

const definitions = readDefinitions(root);
const byContract = definitions.filter(
  (definition) => !withoutContract.includes(definition.area) && addressesOf(definition).length > 0,
);

const sourceOf = (id: string): string => {
  const handler = definitions.find(({ key }) => key === id)?.handler ?? 'missing.handler';
  return readFileSync(join(root, handler.replace(/\.handler$/, '.ts')), 'utf8');
};

const rows = (all: readonly Route[]): [string, Route][] => all.map((route) => [route.id, route]);

describe('functions.yml and the contract', () => {
  it('have the same functions', () => {
    expect(byContract.map(({ key }) => key).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
  });

  it.each(rows(routes))('give %s the same addresses and no other event', (id, { method, path }) => {
    const definition = definitions.find(({ key }) => key === id);
    const addresses = [path, ...aliases(path)].map((address) => ({ httpApi: `${method} ${address}` }));
    expect(definition?.events).toEqual(addresses);
  });

  it('give no address to two functions', () => {
    const addresses = definitions.flatMap(addressesOf);
    expect(addresses.filter((address, at) => addresses.indexOf(address) !== at)).toEqual([]);
  });

  it.each(definitions.map(({ key, area, handler }) => [key, area, handler] as const))(
    'keep %s in its area, under the name of its file',
    (key, area, handler) => {
      const file = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(handler).toBe(`functions/${area}/${file}.handler`);
    },
  );
});

describe('handlers', () => {
  it.each(rows(routes))('serve %s by the route of that name', (id, { permission }) => {
    const pattern = new RegExp(`import \\{[^}]*\\b${id}\\b(?: as (\\w+))?[^}]*\\} from '../../lib/contract/`);
    const imported = pattern.exec(sourceOf(id));
    expect(imported).not.toBeNull();
    const name = imported?.[1] ?? id;
    expect(sourceOf(id)).toContain(`handler = ${permission === null ? 'serveOpen' : 'serve'}(${name}, `);
  });

  it.each(rows(routes))('say what %s answers', (id, { method, path }) => {
    expect(sourceOf(id)).toContain(`/** ${method} ${path}: `);
  });
});

describe('aliases', () => {
  it.each([
    ['/crm/clients', ['/api/customers']],
    ['/crm/clients/{clientId}/contacts', ['/api/customers/{clientId}/contacts']],
    ['/crm/stats', ['/api/stats']],
    ['/crm/stats/clients/{clientId}/activity', ['/api/stats/customers/{clientId}/activity']],
    ['/crm/chats', []],
    ['/crm/clientsomething', []],
  ])('of %s are %j', (path, others) => {
    expect(aliases(path)).toEqual(others);
  });
});
