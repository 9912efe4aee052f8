import { WebhookEndpointSchema, WebhookReplaySchema } from '../lib/contract/webhook-endpoints.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { addEndpoint, HOOKS, OtherSystem } from './support/other-system.ts';
import { openTenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

const other = new OtherSystem();
beforeAll(() => other.start());
afterAll(() => other.stop());

describe('an endpoint', () => {
  it('is added once for a key, read, replaced, listed and removed', async () => {
    const tenant = await openTenant();
    const body = { url: other.url, eventTypes: ['*'], description: 'Shop' };
    const headers = { 'idempotency-key': 'one' };
    const [one, two] = await Promise.all([1, 2].map(() => tenant.admin.post(HOOKS, body, headers)));
    expect(one?.body).toEqual(two?.body);
    const { id } = read(await tenant.admin.post(HOOKS, body, headers), 201, WebhookEndpointSchema);
    expect(JSON.stringify(one?.body)).not.toContain('whsec');
    const change = { ...body, status: 'disabled' };
    const changed = await tenant.admin.put(`${HOOKS}/${id}`, change, { 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { status: 'disabled', disabledBecause: 'asked', version: 2 } });
    problemOf(await tenant.admin.put(`${HOOKS}/${id}`, change, { 'if-match': '"1"' }), 412, 'version.stale');
    expect((await tenant.admin.get(HOOKS)).body).toMatchObject({ items: [{ id }] });
    expect((await tenant.admin.delete(`${HOOKS}/${id}`)).status).toBe(204);
    problemOf(await tenant.admin.get(`${HOOKS}/${id}`), 404, 'resource.not-found');
  });

  it.each([
    'http://example.com/hook',
    'https://10.0.0.1/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/hook',
    'https://[::ffff:192.168.1.1]/hook',
    'https://167772161/hook',
    'https://localhost/hook',
    'https://printer.local/hook',
    'https://user:password@example.com/hook',
  ])('at %s is refused', async (url) => {
    const tenant = await openTenant();
    problemOf(await tenant.admin.post(HOOKS, { url, eventTypes: ['*'] }), 422, 'webhook.address');
  });

  it('is one of twenty at most, also when many are added at once', async () => {
    const tenant = await openTenant();
    const post = () => tenant.admin.post(HOOKS, { url: other.url, eventTypes: ['Nothing'] });
    const answers = await Promise.all(Array.from({ length: 22 }, post));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(20).fill(201), 422, 422]);
    problemOf(await post(), 422, 'webhook.limit');
  });

  it('is refused with what is no address, no event or an unknown field', async () => {
    const { admin } = await openTenant();
    const refused = async (body: object) =>
      pointersOf(problemOf(await admin.post(HOOKS, body), 400, 'request.invalid'));
    expect(await refused({ url: 'here', eventTypes: ['*'] })).toEqual(['/url']);
    expect(await refused({ url: other.url, eventTypes: [] })).toEqual(['/eventTypes']);
    expect(await refused({ url: other.url, eventTypes: ['*'], secret: 'x' })).toEqual(['/secret']);
  });

  it('is nothing to another tenant', async () => {
    const [tenant, stranger] = [await openTenant(), await openTenant()];
    const { id } = await addEndpoint(tenant, other.url);
    for (const path of [`${HOOKS}/${id}`, `${HOOKS}/${id}/secret`, `${HOOKS}/${id}/deliveries`, `${HOOKS}/${ABSENT}`]) {
      problemOf(await stranger.admin.get(path), 404, 'resource.not-found');
    }
    for (const path of ['rotate-secret', `deliveries/${ABSENT}/replay`, 'replays']) {
      problemOf(await stranger.admin.post(`${HOOKS}/${id}/${path}`), 404, 'resource.not-found');
    }
    const { id: replayId } = read(await tenant.admin.post(`${HOOKS}/${id}/replays`), 202, WebhookReplaySchema);
    const replay = `${HOOKS}/${id}/replays/${replayId}`;
    expect((await tenant.admin.get(replay)).status).toBe(200);
    problemOf(await stranger.admin.get(replay), 404, 'resource.not-found');
    problemOf(await tenant.admin.get(`${HOOKS}/${id}/replays/${ABSENT}`), 404, 'resource.not-found');
    problemOf(await stranger.admin.delete(`${HOOKS}/${id}`), 404, 'resource.not-found');
    problemOf(
      await stranger.admin.put(`${HOOKS}/${id}`, { url: other.url, eventTypes: ['*'] }),
      404,
      'resource.not-found',
    );
  });
});
