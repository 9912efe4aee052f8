import * as z from 'zod';
import { readIfPresent, writeAtomically } from './data-dir.ts';

const PositionSchema = z.object({
  streamArn: z.string(),
  shards: z.record(z.string(), z.object({ after: z.string().optional(), done: z.boolean().default(false) })),
});
type Position = z.infer<typeof PositionSchema>;

const load = (file: string, streamArn: string): Position => {
  const text = readIfPresent(file);
  const kept = text === undefined ? undefined : PositionSchema.parse(JSON.parse(text));
  return kept?.streamArn === streamArn ? kept : { streamArn, shards: {} };
};

/** How far a function has come in a stream, kept on disk after each batch that went well. */
export class StreamPosition {
  readonly #file: string;
  readonly #position: Position;

  constructor(file: string, streamArn: string) {
    this.#file = file;
    this.#position = load(file, streamArn);
  }

  /** The last sequence number that is done with. */
  after(shardId: string): string | undefined {
    return this.#position.shards[shardId]?.after;
  }

  isDone(shardId: string): boolean {
    return this.#position.shards[shardId]?.done ?? false;
  }

  advance(shardId: string, sequenceNumber: string): void {
    this.#position.shards[shardId] = { after: sequenceNumber, done: false };
    this.#save();
  }

  finish(shardId: string): void {
    this.#position.shards[shardId] = { ...this.#position.shards[shardId], done: true };
    this.#save();
  }

  /** Forgets shards that the stream no longer lists. */
  keepOnly(shardIds: ReadonlySet<string>): void {
    const gone = Object.keys(this.#position.shards).filter((shardId) => !shardIds.has(shardId));
    if (gone.length === 0) return;
    for (const shardId of gone) Reflect.deleteProperty(this.#position.shards, shardId);
    this.#save();
  }

  #save(): void {
    writeAtomically(this.#file, JSON.stringify(this.#position));
  }
}
