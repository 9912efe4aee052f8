import { Validator } from '@seriousme/openapi-schema-validator';
import * as z from 'zod';
import { read } from './support/answers.ts';
import { api, sharedUrls } from './support/client.ts';

const DocumentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
});

describe('/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document, for whoever asks', async () => {
    const answer = await api().get('/openapi.json');
    const document = read(answer, 200, DocumentSchema);
    expect(document.openapi).toMatch(/^3\.1\./);
    const { valid, errors } = await new Validator().validate(document);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('describes only what answers', async () => {
    const { paths } = read(await api().get('/openapi.json'), 200, DocumentSchema);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path: path.replaceAll(/\{\w+\}/g, 'x'), method: method.toUpperCase() })),
    );
    expect(operations.length).toBeGreaterThan(30);
    for (const { path, method } of operations) {
      const response = await fetch(`${sharedUrls().api}${path}`, { method });
      expect(await response.text()).not.toContain('route.not-found');
      expect([200, 401]).toContain(response.status);
    }
  });
});

describe('/docs', () => {
  /** Where a text sends a browser for more. */
  const addressesIn = (html: string): string[] =>
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');

  it('is a page that is made of this server and nothing else', async () => {
    const answer = await api().get('/docs');
    const html = read(answer, 200, z.string());
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    const addresses = addressesIn(html);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) expect(address).toMatch(/^\/docs\//);
  });

  it('gets its styles and scripts, whole', async () => {
    const types = { css: /^text\/css/, js: /^text\/javascript/ };
    const html = read(await api().get('/docs'), 200, z.string());
    for (const address of addressesIn(html)) {
      const answer = await api().get(address);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(address.endsWith('.css') ? types.css : types.js);
      expect(String(answer.body).length).toBeGreaterThan(50);
    }
    const start = read(await api().get('/docs/start.js'), 200, z.string());
    expect(start).toContain("url: '/openapi.json'");
    const bundle = read(await api().get('/docs/swagger-ui-bundle.js'), 200, z.string());
    expect(bundle).toContain('SwaggerUIBundle');
  });
});
