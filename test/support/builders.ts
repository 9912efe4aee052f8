import { randomUUID } from 'node:crypto';
import type { Context, SQSEvent } from 'aws-lambda';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { sealCredentials } from '../../lib/cloud/keys.ts';
import {
  ClientProfileSchema,
  NewClientSchema,
  type ClientProfile,
  type NewClient,
} from '../../lib/contract/clients.ts';
import {
  ChannelIdSchema,
  MessageIdSchema,
  TenantIdSchema,
  type ChannelId,
  type ChatId,
  type TenantId,
} from '../../lib/contract/vocabulary.ts';
import { instant, type Act } from '../../lib/domain/act.ts';
import { addressesOf, type ChannelRecord } from '../../lib/domain/channel.ts';
import { newClient, type ClientRecord } from '../../lib/domain/client.ts';
import { queuedMessage, type MessageRecord } from '../../lib/domain/message.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import type { Arrival } from '../../lib/messaging/receive.ts';
import type { InboundMessage } from '../../lib/providers/provider.ts';
import type { HttpEvent } from '../../lib/runtime/edge.ts';
import { insertChannel } from '../../lib/table/channels.ts';
import { insertClient } from '../../lib/table/clients.ts';
import { newTenant } from './client.ts';
import { newPhone, newTwilioCredentials } from './random.ts';

/** A tenant that no other test knows. */
export const newTenantId = (): TenantId => TenantIdSchema.parse(newTenant());

/** Somebody of a tenant of its own does something now. */
export const newAct = (changes: Partial<Act> = {}): Act => ({
  tenant: newTenantId(),
  actor: { type: 'user', id: 'ana' },
  correlationId: 'a-test',
  now: () => new Date(),
  newId: () => uuidv7(),
  ...changes,
});

export const newChannelId = (): ChannelId => ChannelIdSchema.parse(uuidv7());
export const newMessageId = () => MessageIdSchema.parse(uuidv7());

export const clientInput = (changes: Partial<NewClient> = {}): NewClient => ({
  ...NewClientSchema.parse({ firstName: 'Ana' }),
  ...changes,
});

export const clientProfile = (changes: Partial<ClientProfile> = {}): ClientProfile => ({
  ...ClientProfileSchema.parse({ firstName: 'Ana' }),
  ...changes,
});

export const buildClient = (act: Act, changes: Partial<NewClient> = {}): ClientRecord =>
  newClient(act, clientInput(changes), 'UZ');

/** A client that is in the table. */
export const addClient = async (act: Act, changes: Partial<NewClient> = {}): Promise<ClientRecord> => {
  const client = buildClient(act, changes);
  await insertClient(act, client, clientEvent(act, 'ClientCreated', client), []);
  return client;
};

/** What a person writes by SMS. */
const inboundMessage = (changes: Partial<InboundMessage> = {}): InboundMessage => {
  const sid = `SM${randomUUID().replaceAll('-', '')}`;
  return {
    kind: 'message',
    deduplicationId: sid,
    providerMessageId: sid,
    transport: 'sms',
    from: { address: newPhone(), firstName: 'Ana' },
    entry: 'client',
    text: 'Salom',
    media: [],
    ...changes,
  };
};

export const newArrival = (changes: Partial<InboundMessage> = {}, channelId = newChannelId()): Arrival => ({
  channelId,
  inbound: inboundMessage(changes),
  raw: 'as it came',
});

/** A message of ours that waits to be sent. */
export const outboundMessage = (act: Act, chatId: ChatId, changes: Partial<MessageRecord> = {}): MessageRecord => ({
  ...queuedMessage(act, chatId, {
    transport: 'sms',
    channelId: newChannelId(),
    provider: 'twilio',
    sender: { type: 'user', id: 'ana', name: 'Ana', address: null, handle: null },
    text: 'Assalomu alaykum',
    from: '+15005550006',
    to: newPhone(),
    resendOf: null,
    dueAt: '2100-01-01T00:00:00.000Z',
  }),
  ...changes,
});

/** A number of an account of its own, for SMS unless said otherwise. */
export const buildChannel = async (
  act: Act,
  changes: Partial<ChannelRecord> = {},
  credentials: unknown = newTwilioCredentials(),
): Promise<ChannelRecord> => {
  const id = changes.id ?? newChannelId();
  return {
    id,
    transport: 'sms',
    provider: 'twilio',
    address: newPhone(),
    ...addressesOf(process.env.PUBLIC_BASE_URL ?? '', id, changes.provider ?? 'twilio'),
    status: 'active',
    onAmbiguous: 'ask',
    messagesPerSecond: null,
    reconciliation: null,
    reconciliationId: null,
    createdAt: instant(act.now()),
    updatedAt: instant(act.now()),
    version: 1,
    revision: 1,
    failures: 0,
    dueAt: null,
    sealedCredentials: await sealCredentials({ tenant: act.tenant, channel: id }, credentials),
    ...changes,
  };
};

/** A Twilio number that is connected, with what its webhooks are signed with. */
export const addTwilioChannel = async (act: Act, changes: Partial<ChannelRecord> = {}) => {
  const credentials = newTwilioCredentials();
  const channel = await buildChannel(act, changes, credentials);
  const { transport, address } = channel;
  const { accountSid } = credentials;
  await insertChannel(act.tenant, channel, { provider: 'twilio', accountSid, transport, address }, []);
  return { channel, credentials };
};

interface HttpCall {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** Sent as JSON; text as it is. */
  readonly body?: unknown;
}

const bodyText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** An HTTP request as API Gateway hands it over (payload format 2.0). */
export const httpEvent = ({
  method = 'GET',
  path = '/',
  token,
  params,
  query,
  headers,
  body,
}: HttpCall): HttpEvent => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: new URLSearchParams(query).toString(),
  headers: {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  },
  ...(query !== undefined && { queryStringParameters: query }),
  ...(params !== undefined && { pathParameters: params }),
  ...(body !== undefined && { body: bodyText(body) }),
  isBase64Encoded: false,
  requestContext: {
    accountId: 'anonymous',
    apiId: 'test',
    domainName: 'localhost',
    domainPrefix: 'localhost',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: randomUUID(),
    routeKey: `${method} ${path}`,
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 0,
  },
});

/** As much of what Lambda tells a function of its invocation as anything here reads. */
export const lambdaContext = (): Context =>
  z
    .custom<Context>()
    .parse({ functionName: 'test', awsRequestId: randomUUID(), getRemainingTimeInMillis: () => 10_000 });

/** Queue entries as Lambda hands them over; their message ids are their places. */
export const sqsEvent = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: String(index),
    receiptHandle: `handle-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:test',
    awsRegion: 'eu-central-1',
  })),
});
