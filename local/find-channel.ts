import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { openCredentials } from '../lib/cloud/keys.ts';
import { environment } from '../lib/config/environment.ts';
import { ChannelIdSchema, TenantIdSchema, type ChannelId, type TenantId } from '../lib/contract/vocabulary.ts';
import type { ChannelRecord } from '../lib/domain/channel.ts';
import * as channels from '../lib/table/channels.ts';
import { DEMO } from './demo.ts';
import type { ChannelQuery, SimulatedChannel } from './simulator/channel.ts';

interface Owned {
  readonly tenant: TenantId;
  readonly channel: ChannelRecord;
}

const owned = async (tenant: TenantId, id: ChannelId): Promise<Owned | undefined> => {
  const channel = await channels.findChannel(tenant, id);
  return channel && { tenant, channel };
};

const byId = async (id: string): Promise<Owned | undefined> => {
  const channelId = ChannelIdSchema.safeParse(id);
  if (!channelId.success) return undefined;
  const route = await channels.findRoute({ by: 'channel', channelId: channelId.data });
  return route && owned(route.tenantId, route.channelId);
};

const FoundSchema = z.object({
  pk: z
    .string()
    .transform((pk) => pk.split('#')[1])
    .pipe(TenantIdSchema),
  id: ChannelIdSchema,
});

/** A number names its channel together with the account, which the question lacks: all channels are looked at. */
const byAddress = async (provider: string, address: string, transport: string): Promise<Owned | undefined> => {
  const isAsked = (channel: ChannelRecord) => channel.address === address && channel.transport === transport;
  const demo = TenantIdSchema.parse(DEMO.tenant);
  const inDemo = (await channels.knownChannels(demo)).find(isAsked);
  if (inDemo !== undefined) return { tenant: demo, channel: inDemo };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const pages = paginateScan(
    { client },
    {
      TableName: environment().TABLE_NAME,
      FilterExpression:
        'begins_with(sk, :channel) AND provider = :provider AND address = :address AND transport = :transport',
      ExpressionAttributeValues: {
        ':channel': 'CHANNEL#',
        ':provider': provider,
        ':address': address,
        ':transport': transport,
      },
    },
  );
  for await (const { Items: [item] = [] } of pages) {
    const found = FoundSchema.safeParse(item);
    if (found.success) return owned(found.data.pk, found.data.id);
  }
  return undefined;
};

/** Which channel does the simulator play the provider of? Its credentials come in the clear, as a provider knows them. */
export const findChannel = async (query: ChannelQuery): Promise<SimulatedChannel | undefined> => {
  const found =
    'channelId' in query
      ? await byId(query.channelId)
      : await byAddress(query.provider, query.address, query.transport);
  if (found === undefined) return undefined;
  const { id, address, transport, webhookUrl, sealedCredentials } = found.channel;
  const credentials = await openCredentials({ tenant: found.tenant, channel: id }, sealedCredentials);
  return { channelId: id, address, transport, webhookUrl, credentials };
};

/** The channels of tenant `demo`, for the simulator's page. */
export const listDemoChannels = (): Promise<ChannelRecord[]> =>
  channels.knownChannels(TenantIdSchema.parse(DEMO.tenant));
