import * as z from 'zod';
import type { ProviderName } from '../lib/contract/vocabulary.ts';
import { DEMO, DEMO_CHANNELS, DEMO_CLIENTS, DEMO_SEGMENTS, DEMO_TEMPLATES } from './demo.ts';
import { call, fetchToken, type Answer } from './http-client.ts';
import type { Stack } from './stack.ts';

const ListSchema = z.object({
  items: z.array(
    z.looseObject({
      transport: z.string().optional(),
      phone: z.string().nullable().optional(),
      template: z.string().optional(),
      name: z.string().optional(),
    }),
  ),
});
type Listed = z.infer<typeof ListSchema>['items'];

const expectStatus = (answer: Answer, what: string, ...statuses: number[]): Answer => {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
};

/** Talks to the API as a user would, so that what it makes is what a user could make. */
const seeder = (api: string, token: string) => {
  const headers = { authorization: `Bearer ${token}` };
  return {
    list: async (path: string): Promise<Listed> =>
      ListSchema.parse(expectStatus(await call('GET', `${api}${path}?limit=100`, { headers }), path, 200).body).items,
    /** 409: it came with an earlier start. */
    create: async (path: string, key: string, body: unknown): Promise<void> => {
      const answer = await call('POST', `${api}${path}`, {
        headers: { ...headers, 'idempotency-key': `seed-${key}` },
        body,
      });
      expectStatus(answer, `POST ${path} (${key})`, 200, 201, 409);
    },
  };
};

/**
 * Gives tenant `demo` channels, clients, templates and segments, as far as it lacks them.
 *
 * @param isSimulated false for a provider that is not the simulator: it does not know the demo's credentials
 */
export const seedDemo = async (
  { urls }: Pick<Stack, 'urls'>,
  isSimulated: (provider: ProviderName) => boolean,
): Promise<void> => {
  const demo = seeder(urls.api, await fetchToken(urls.identity, DEMO));
  const channels = DEMO_CHANNELS.filter(({ provider }) => isSimulated(provider));
  const present = channels.length === 0 ? [] : await demo.list('/crm/channels');
  for (const channel of channels.filter(({ transport }) => !present.some((each) => each.transport === transport))) {
    await demo.create('/crm/channels', channel.transport, channel);
  }
  const clients = await demo.list('/crm/clients');
  for (const client of DEMO_CLIENTS.filter(({ phone }) => !clients.some((each) => each.phone === phone))) {
    await demo.create('/crm/clients', client.phone, client);
  }
  const templates = await demo.list('/crm/instant-messages');
  for (const [index, template] of DEMO_TEMPLATES.entries()) {
    if (templates.some((each) => each.template === template.template)) continue;
    await demo.create('/crm/instant-messages', `template-${index}`, template);
  }
  const segments = await demo.list('/crm/segments');
  for (const [index, segment] of DEMO_SEGMENTS.entries()) {
    if (segments.some((each) => each.name === segment.name)) continue;
    await demo.create('/crm/segments', `segment-${index}`, segment);
  }
};
