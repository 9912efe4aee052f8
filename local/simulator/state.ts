import { randomBytes } from 'node:crypto';
import type { Ask, BotWebhook, Entry, HostedFile, Journal, Received, TwilioMessage } from './journal.ts';

/** A message at Twilio, with what became of it. */
export interface TrackedMessage extends TwilioMessage {
  readonly status: string;
  readonly errorCode: number | undefined;
  readonly updatedAt: string;
}

/** One row of the outbox: the same content, asked for once or several times. */
interface OutboxRow extends Omit<Ask, 'type' | 'outcome'> {
  /** How often it was asked for. */
  readonly times: number;
  /** How often it was accepted, and so reached the customer. */
  readonly accepted: number;
  readonly requests: readonly Pick<Ask, 'at' | 'outcome' | 'providerMessageId'>[];
}

const change = (set: Set<string>, key: string, present: boolean): void => {
  if (present) set.add(key);
  else set.delete(key);
};
const optOutKey = (from: string, to: string): string => `${from} ${to}`;
/** The address of a file is signed anew for every request; what it is the address of stays the same. */
const rowKey = (ask: Ask): string => {
  const { provider, account, transport, from, to, text, contentSid, contentVariables, media, statusCallbackUrl } = ask;
  const files = media.map((url) => url.replace(/\?.*$/, ''));
  const content = [contentSid, contentVariables];
  return JSON.stringify([provider, account, transport, from, to, text, content, files, statusCallbackUrl]);
};

/** Everything the simulator remembers. Changed only by entries, which the journal keeps. */
export class State {
  readonly #journal: Journal;
  readonly #outbox = new Map<string, OutboxRow>();
  readonly #received: Received[] = [];
  readonly #messages = new Map<string, TrackedMessage>();
  readonly #accounts = new Map<string, string>();
  readonly #bots = new Map<string, BotWebhook>();
  readonly #files = new Map<string, HostedFile>();
  readonly #optedOut = new Set<string>();
  readonly #blocked = new Set<string>();
  readonly #numbers = new Map<string, number>();
  readonly #fetches = new Map<string, number>();

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const entry of journal.entries) this.#apply(entry);
  }

  record(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    switch (entry.type) {
      case 'ask':
        this.#applyAsk(entry);
        break;
      case 'received':
        this.#received.push(entry);
        break;
      case 'twilio-message': {
        const status = entry.direction === 'inbound' ? 'received' : 'queued';
        this.#messages.set(entry.sid, { ...entry, status, errorCode: undefined, updatedAt: entry.at });
        break;
      }
      case 'twilio-status': {
        const message = this.#messages.get(entry.sid);
        const { status, errorCode, at: updatedAt } = entry;
        if (message) this.#messages.set(entry.sid, { ...message, status, errorCode, updatedAt });
        break;
      }
      case 'twilio-account':
        this.#accounts.set(entry.sid, entry.token);
        break;
      case 'bot-webhook':
        this.#bots.set(entry.token, entry);
        break;
      case 'file':
        this.#files.set(entry.id, entry);
        break;
      case 'opt-out':
        change(this.#optedOut, optOutKey(entry.from, entry.to), entry.optedOut);
        break;
      case 'blocked':
        change(this.#blocked, entry.chatId, entry.blocked);
        break;
      case 'telegram-number':
        this.#numbers.set(entry.key, entry.value);
        break;
      case 'outbox-cleared':
        this.#outbox.clear();
        break;
    }
  }

  #applyAsk({ type: _, outcome, ...ask }: Ask): void {
    const key = rowKey({ type: 'ask', outcome, ...ask });
    const row = this.#outbox.get(key);
    const request = { at: ask.at, outcome, providerMessageId: ask.providerMessageId };
    const providerMessageId = row?.providerMessageId ?? ask.providerMessageId;
    this.#outbox.set(key, {
      ...ask,
      // A request that was refused fetched nothing.
      attachments: ask.attachments.length > 0 ? ask.attachments : (row?.attachments ?? []),
      at: row?.at ?? ask.at,
      ...(providerMessageId === undefined ? {} : { providerMessageId }),
      times: (row?.times ?? 0) + 1,
      accepted: (row?.accepted ?? 0) + (outcome.startsWith('accepted') ? 1 : 0),
      requests: [...(row?.requests ?? []), request],
    });
  }

  /** In the order in which each was first asked for. */
  outbox(): readonly OutboxRow[] {
    return [...this.#outbox.values()];
  }

  received(): readonly Received[] {
    return this.#received;
  }

  message(sid: string): TrackedMessage | undefined {
    return this.#messages.get(sid);
  }

  /** Newest first, as Twilio lists them. */
  messages(account: string): readonly TrackedMessage[] {
    return this.allMessages()
      .filter((message) => message.account === account)
      .toReversed();
  }

  allMessages(): readonly TrackedMessage[] {
    return [...this.#messages.values()];
  }

  /** The auth token that an account was last seen with. */
  accountToken(sid: string): string | undefined {
    return this.#accounts.get(sid);
  }

  bot(token: string): BotWebhook | undefined {
    return this.#bots.get(token);
  }

  bots(): readonly BotWebhook[] {
    return [...this.#bots.values()];
  }

  file(id: string): HostedFile | undefined {
    return this.#files.get(id);
  }

  /** How often a file was fetched, this time included. Not kept: after a restart it is counted anew. */
  countFetch(id: string): number {
    const count = (this.#fetches.get(id) ?? 0) + 1;
    this.#fetches.set(id, count);
    return count;
  }

  isOptedOut(from: string, to: string): boolean {
    return this.#optedOut.has(optOutKey(from, to));
  }

  isBlocked(chatId: string): boolean {
    return this.#blocked.has(chatId);
  }

  hasNumber(key: string): boolean {
    return this.#numbers.has(key);
  }

  /** The next number of a sequence: updates of the server, messages of a chat with a bot. */
  nextNumber(key: string, first = 1): number {
    const value = (this.#numbers.get(key) ?? first - 1) + 1;
    this.record({ type: 'telegram-number', key, value });
    return value;
  }
}

/** An id as Twilio makes them: two letters and 32 hexadecimal digits. */
export const newSid = (prefix: string): string => `${prefix}${randomBytes(16).toString('hex')}`;
