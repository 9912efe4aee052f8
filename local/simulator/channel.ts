import type { Deliveries } from './delivery.ts';
import type { FaultBook, ProviderName } from './faults.ts';
import type { State } from './state.ts';

export type ChannelQuery =
  | { readonly provider: ProviderName; readonly channelId: string }
  /** `transport` tells channels apart that share a number. */
  | { readonly provider: ProviderName; readonly address: string; readonly transport: string };

/** A channel of the system, as the one who set up the provider's side knows it. */
export interface SimulatedChannel {
  readonly channelId: string;
  readonly address: string;
  readonly transport: string;
  readonly webhookUrl: string;
  /** Twilio: `accountSid`, `authToken`. Telegram: `botToken`, `webhookSecret`. */
  readonly credentials: unknown;
}

export interface SimulatorOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the simulator keeps what happened; nothing is kept without it. */
  readonly dataDir?: string | undefined;
  /** Where the API listens, for webhooks to its bare paths. */
  readonly apiBase: string;
  /** Channels to choose from on the page before anything was written on them. */
  readonly listChannels?: () => Promise<readonly Pick<SimulatedChannel, 'address' | 'transport'>[]>;
  /** What was sent by e-mail; without it none is told of. */
  readonly mails?: Mails;
  readonly findChannel: (query: ChannelQuery) => Promise<SimulatedChannel | undefined>;
}

/** A mail as its reader sees it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly at: string;
}

export interface Mails {
  /** To this address, or to anybody; oldest first. */
  readonly list: (to?: string) => readonly ReceivedMail[];
  readonly clear: () => void;
}

/** What the parts of the simulator share. */
export interface Simulator {
  readonly options: SimulatorOptions;
  readonly state: State;
  readonly faults: FaultBook;
  readonly deliveries: Deliveries;
  /** The simulator's own address. */
  readonly url: () => string;
}
