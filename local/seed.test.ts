import { call, fetchToken } from './http-client.ts';
import { DEMO, DEMO_CHANNELS, DEMO_CLIENTS, DEMO_SEGMENTS, DEMO_TEMPLATES } from './demo.ts';
import { seedDemo } from './seed.ts';
import { sharedUrls } from '../test/support/client.ts';

describe('the demo tenant', () => {
  it('gets all that it is to show, and nothing twice', async () => {
    const urls = sharedUrls();
    await seedDemo({ urls }, () => true);
    await seedDemo({ urls }, () => true);
    const authorization = `Bearer ${await fetchToken(urls.identity, DEMO)}`;
    const list = (path: string) => call('GET', `${urls.api}/crm/${path}?limit=100`, { headers: { authorization } });
    expect((await list('channels')).body).toMatchObject({ items: DEMO_CHANNELS.map(() => ({ status: 'active' })) });
    expect((await list('clients')).body).toMatchObject({ items: DEMO_CLIENTS.map(() => ({ version: 1 })) });
    expect((await list('instant-messages')).body).toMatchObject({ items: DEMO_TEMPLATES.map(() => ({ version: 1 })) });
    expect((await list('segments')).body).toMatchObject({ items: DEMO_SEGMENTS.map(() => ({ version: 1 })) });
  });
});
