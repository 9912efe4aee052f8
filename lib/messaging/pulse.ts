import type { ChatId, MessageId, TenantId } from '../contract/vocabulary.ts';
import { findChannel } from '../table/channels.ts';
import type { Due } from '../table/due.ts';
import { countOpenLetters, writePulse } from '../table/health.ts';
import { findMessage } from '../table/messages.ts';

interface Waiting {
  readonly tenant: TenantId;
  readonly chatId: ChatId;
  readonly messageId: MessageId;
}

/** So many of the oldest are looked at: others that are due wait for a report, or for a file. */
const LOOKED_AT = 10;
/** More than that are many, as health tells it. */
const MOST_CHANNELS = 200;

/** A UUIDv7 says when it was made. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7 */
const madeAt = (id: string): string => new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString();

const isWaiting = async ({ tenant, chatId, messageId }: Waiting): Promise<boolean> => {
  const status = (await findMessage(tenant, chatId, messageId))?.status;
  return status === 'queued' || status === 'sending';
};

/** What comes by while the due job walks. */
export class Watch {
  #oldest: Waiting[] = [];
  /** Channels that fail are due each minute; others are now and then, to be reconciled. */
  readonly #channels: Extract<Due, { kind: 'channel' }>[] = [];

  see(due: Due): void {
    if (due.kind === 'channel' && this.#channels.length < MOST_CHANNELS) this.#channels.push(due);
    if (due.kind !== 'message') return;
    this.#oldest = [...this.#oldest, due]
      .toSorted((one, other) => (one.messageId < other.messageId ? -1 : 1))
      .slice(0, LOOKED_AT);
  }

  async #oldestQueuedAt(): Promise<string | null> {
    for (const message of this.#oldest) if (await isWaiting(message)) return madeAt(message.messageId);
    return null;
  }

  async #failingChannels(): Promise<number> {
    const channels = await Promise.all(this.#channels.map(({ tenant, channelId }) => findChannel(tenant, channelId)));
    return channels.filter((channel) => channel?.status === 'failing').length;
  }

  /** Tells how the whole system is, for whoever asks for its health. */
  async tell(id: string, now: Date): Promise<void> {
    await writePulse(id, {
      at: now.toISOString(),
      oldestQueuedAt: await this.#oldestQueuedAt(),
      failingChannels: await this.#failingChannels(),
      openLetters: await countOpenLetters(),
    });
  }
}
