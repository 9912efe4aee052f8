import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { queueText } from '../lib/cloud/queue-text.ts';
import type { Rule } from './bus-rules.ts';
import { matches } from './event-pattern.ts';
import { answer, readBody, startServer, type LocalServer } from './http-server.ts';
import { ACCOUNT, clientFor, REGION, type Log } from './project.ts';

const KEPT_EVENTS = 10_000;
const LARGEST_REQUEST = 1_048_576;
const MOST_ENTRIES = 10;

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const EntrySchema = z.object({
  Source: z.string().min(1).optional(),
  DetailType: z.string().min(1).max(128).optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Time: z.number().optional(),
  Resources: z.array(z.string()).default([]),
});
const PutEventsSchema = z.object({ Entries: z.array(EntrySchema).min(1).max(MOST_ENTRIES) });
type Entry = z.infer<typeof EntrySchema>;
const DescribeSchema = z.object({ Name: z.string().optional() });

const DetailSchema = z.record(z.string(), z.unknown());
const KeptDetailSchema = z.object({ tenantId: z.string() });

/** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const toEnvelope = (entry: Entry, detail: Readonly<Record<string, unknown>>) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': entry.DetailType ?? '',
  source: entry.Source ?? '',
  account: ACCOUNT,
  time: new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: entry.Resources,
  detail,
});
type Envelope = ReturnType<typeof toEnvelope>;

interface EntryResult {
  readonly EventId?: string;
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
}

const parseDetail = (detail: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    return DetailSchema.safeParse(JSON.parse(detail ?? '')).data;
  } catch {
    return undefined;
  }
};

const refuse = (ErrorCode: string, ErrorMessage: string): EntryResult => ({ ErrorCode, ErrorMessage });

export interface BusOptions {
  readonly port: number;
  readonly busNames: readonly string[];
  readonly rules: readonly Rule[];
  readonly sqsEndpoint: string;
  readonly log: Log;
}

class Bus {
  readonly #options: BusOptions;
  readonly #sqs: SQSClient;
  readonly #events: Envelope[] = [];

  constructor(options: BusOptions) {
    this.#options = options;
    this.#sqs = new SQSClient(clientFor(options.sqsEndpoint));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://bus');
    if (request.method === 'GET' && url.pathname === '/events') {
      answer(response, 200, { items: this.#list(url.searchParams) });
    } else if (request.headers['x-amz-target'] === 'AWSEvents.PutEvents') {
      await this.#putAll(await readBody(request), response);
    } else if (request.headers['x-amz-target'] === 'AWSEvents.DescribeEventBus') {
      const { Name = 'default' } = DescribeSchema.parse(JSON.parse((await readBody(request)).toString()));
      if (this.#options.busNames.includes(Name)) answer(response, 200, { Name });
      else answer(response, 400, { __type: 'ResourceNotFoundException', message: `No event bus ${Name}` });
    } else {
      const message = 'Only PutEvents, DescribeEventBus and GET /events are here';
      answer(response, 400, { __type: 'UnknownOperationException', message });
    }
  }

  close(): void {
    this.#sqs.destroy();
  }

  async #putAll(body: Buffer, response: ServerResponse): Promise<void> {
    const parsed = PutEventsSchema.safeParse(body.length > LARGEST_REQUEST ? undefined : JSON.parse(body.toString()));
    if (!parsed.success) {
      const message = `PutEvents takes 1 to ${MOST_ENTRIES} entries, ${LARGEST_REQUEST} bytes in all`;
      answer(response, 400, { __type: 'ValidationException', message });
      return;
    }
    const Entries = await Promise.all(parsed.data.Entries.map((entry) => this.#put(entry)));
    answer(response, 200, {
      FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
      Entries,
    });
  }

  #list(query: URLSearchParams): Pick<Envelope, 'id' | 'time' | 'source' | 'detail-type' | 'detail'>[] {
    const tenantId = query.get('tenantId');
    const detailType = query.get('detailType');
    const wanted = (event: Envelope): boolean =>
      (detailType === null || event['detail-type'] === detailType) &&
      (tenantId === null || KeptDetailSchema.safeParse(event.detail).data?.tenantId === tenantId);
    return this.#events
      .filter(wanted)
      .map(({ id, time, source, 'detail-type': type, detail }) => ({ id, time, source, 'detail-type': type, detail }));
  }

  /** An event counts as taken only when it is in every queue it goes to. */
  async #put(entry: Entry): Promise<EntryResult> {
    const busName = entry.EventBusName?.split('/').at(-1) ?? 'default';
    const detail = parseDetail(entry.Detail);
    if (entry.Source === undefined) return refuse('InvalidArgument', 'Parameter Source is not valid');
    if (entry.DetailType === undefined) return refuse('InvalidArgument', 'Parameter DetailType is not valid');
    if (detail === undefined) return refuse('MalformedDetail', 'Detail is malformed');
    if (!this.#options.busNames.includes(busName))
      return refuse('ResourceNotFoundException', `No event bus ${busName}`);
    const event = toEnvelope(entry, detail);
    const rules = this.#options.rules.filter((rule) => rule.busName === busName && matches(rule.pattern, event));
    try {
      await Promise.all(rules.flatMap(({ queueUrls }) => queueUrls).map((url) => this.#deliver(url, event)));
    } catch (error) {
      this.#options.log(`bus: ${String(error)}`);
      return refuse('InternalFailure', 'The event could not be delivered');
    }
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS) this.#events.shift();
    return { EventId: event.id };
  }

  async #deliver(queueUrl: string, event: Envelope): Promise<void> {
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: queueText(event) }));
  }
}

/** Takes events as EventBridge does, and keeps the last of them for a look at `GET /events`. */
export const startBus = async (options: BusOptions): Promise<LocalServer> => {
  const bus = new Bus(options);
  const server = await startServer(options.port, (request, response) => bus.handle(request, response));
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      bus.close();
    },
  };
};
