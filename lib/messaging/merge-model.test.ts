import * as fc from 'fast-check';
import { newAct } from '../../test/support/builders.ts';
import { addClients, expectConsistent, merge, phoneOf, threadOf, undo, write } from '../../test/support/merges.ts';
import { MessageIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import { getChat } from '../table/chats.ts';
import { getClient } from '../table/clients.ts';
import { markChatRead, markMessageRead } from './read.ts';

interface Said {
  readonly id: string;
  read: boolean;
}

interface Node {
  readonly client: ClientRecord;
  parent: number | undefined;
  merge: Awaited<ReturnType<typeof merge>>['merge'] | undefined;
  /** What came in while it was at the top. */
  readonly own: Said[];
}

/** What is done to the table is done here by hand: a forest of clients, each with messages of its own. */
class Forest {
  readonly act: Act;
  readonly nodes: readonly Node[];

  constructor(act: Act, clients: readonly ClientRecord[]) {
    this.act = act;
    this.nodes = clients.map((client) => ({ client, parent: undefined, merge: undefined, own: [] }));
  }

  node(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new Error('There is no such client.');
    return node;
  }

  idOf(index: number): ClientId {
    return this.node(index).client.id;
  }

  rootOf(index: number): number {
    const { parent } = this.node(index);
    return parent === undefined ? index : this.rootOf(parent);
  }

  /** Newest first. */
  threadOf(root: number): Said[] {
    const messages = this.nodes.flatMap(({ own }, index) => (this.rootOf(index) === root ? own : []));
    return messages.toSorted((one, other) => (one.id < other.id ? 1 : -1));
  }

  async write(index: number): Promise<void> {
    const root = this.rootOf(index);
    await write(this.act, phoneOf(this.node(index).client));
    const { lastMessage } = await getChat(this.act.tenant, this.idOf(root));
    this.node(root).own.push({ id: lastMessage?.id ?? '', read: false });
  }

  async merge(one: number, other: number): Promise<void> {
    const [survivor, absorbed] = [this.rootOf(one), this.rootOf(other)];
    if (survivor === absorbed) return;
    const result = await merge(this.act, this.idOf(survivor), this.idOf(absorbed));
    this.node(absorbed).merge = result.merge;
    this.node(absorbed).parent = survivor;
  }

  async undo(index: number): Promise<void> {
    const node = this.node(index);
    if (node.parent === undefined || node.merge === undefined) return;
    const undoing = undo(this.act, this.idOf(this.rootOf(index)), node.merge);
    if (this.node(node.parent).parent !== undefined) {
      await expect(undoing).rejects.toMatchObject({ code: 'merge.nested' });
      return;
    }
    await undoing;
    node.parent = undefined;
  }

  async read(index: number, place: number): Promise<void> {
    const root = this.rootOf(index);
    const thread = this.threadOf(root);
    const message = thread[place % Math.max(1, thread.length)];
    if (message === undefined) return;
    await markMessageRead(this.act, this.idOf(root), MessageIdSchema.parse(message.id));
    message.read = true;
  }

  async readAll(index: number): Promise<void> {
    const root = this.rootOf(index);
    await markChatRead(this.act, this.idOf(root), undefined);
    for (const message of this.threadOf(root)) message.read = true;
  }

  async expectSame(index: number): Promise<void> {
    const root = this.rootOf(index);
    if (root !== index) {
      const moved = { code: 'client.absorbed', particulars: { clientId: this.idOf(root) } };
      await expect(getClient(this.act.tenant, this.idOf(index))).rejects.toMatchObject(moved);
      return;
    }
    const thread = this.threadOf(index);
    expect(await threadOf(this.act, this.idOf(index))).toEqual(thread.map(({ id }) => id));
    const { unreadCount } = await getChat(this.act.tenant, this.idOf(index));
    expect(unreadCount).toBe(thread.filter(({ read }) => !read).length);
  }
}

const CLIENTS = 4;

/** What somebody could do next. */
const step = fc.tuple(
  fc.constantFrom('write', 'write', 'merge', 'merge', 'undo', 'undo', 'read', 'readAll'),
  fc.nat(CLIENTS - 1),
  fc.nat(20),
);

describe('any sequence of merging, undoing, writing and reading', () => {
  it('leaves the threads and counts that follow from it', async () => {
    const sequences = fc.array(step, { minLength: 4, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const act = newAct();
        const forest = new Forest(act, await addClients(act, CLIENTS));
        for (const [kind, one, other] of sequence) {
          if (kind === 'merge') await forest.merge(one, other % CLIENTS);
          else if (kind === 'read') await forest.read(one, other);
          else await forest[kind === 'undo' || kind === 'write' ? kind : 'readAll'](one);
        }
        for (const index of forest.nodes.keys()) await forest.expectSame(index);
        const written = sequence.filter(([kind]) => kind === 'write').length;
        await expectConsistent(
          act,
          forest.nodes.map(({ client }) => client),
          written,
        );
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
