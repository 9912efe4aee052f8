import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditEntrySchema } from '../../lib/contract/audit.ts';
import type { Message } from '../../lib/contract/messages.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { findFreeBasePort, portsFrom, requireFreePorts } from '../../local/ports.ts';
import { ROOT } from '../../local/project.ts';
import { simulator } from '../support/client.ts';
import type { Urls } from '../support/stack.ts';
import { readAll } from '../support/tenant.ts';
import { openSms, patiently, type Scene } from './support.ts';

const LONGEST_STOP_MS = 5_000;

const urlsOf = (port: number): Urls => {
  const ports = portsFrom(port);
  const at = (each: number) => `http://127.0.0.1:${each}`;
  return {
    api: at(ports.api),
    webSocket: at(ports.webSocket),
    lambda: at(ports.lambda),
    dynamodb: at(ports.dynamodb),
    queues: at(ports.queues),
    bus: at(ports.bus),
    identity: at(ports.identity),
    simulator: at(ports.simulator),
    mailbox: at(ports.mailbox),
  };
};

/** What `npm start` runs, in a process group of its own, as soon as it says that it is ready. */
const start = async (port: number, dataDir: string): Promise<ChildProcess> => {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), DATA_DIR: dataDir };
  const child = spawn(process.execPath, ['local/start.ts'], {
    cwd: ROOT,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) if (line === 'ready') break;
  child.stdout.resume();
  return child;
};

/** Ends a whole process group. */
const kill = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const exited = once(child, 'exit');
  process.kill(-(child.pid ?? Number.NaN), signal);
  await exited;
};

/** The processes that were told one of these ports. */
const processesAt = (port: number): string[] => {
  const ports = Object.values(portsFrom(port)).map(String);
  return execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.split(/\s+/).some((word) => ports.includes(word)));
};

const auditOf = async ({ tenant }: Scene) =>
  (await readAll(tenant.admin, '/crm/audit?limit=100', AuditEntrySchema)).items;

let port: number;
let dataDir: string;
let child: ChildProcess;

beforeAll(async () => {
  port = await findFreeBasePort();
  dataDir = mkdtempSync(join(tmpdir(), 'killed-'));
  child = await start(port, dataDir);
});

afterAll(async () => {
  if (child.exitCode === null && child.signalCode === null) await kill(child, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** The emulator answers some milliseconds before it commits: what it took just before it is killed may be gone. */
const COMMIT_MS = 50;

interface Accepted {
  readonly sent: Message[];
  readonly heard: string[];
}

/** Messages that were scheduled, as soon as the first of them is made one of the chat: the others follow at this moment. */
const scheduleSome = async ({ tenant, parts: { chatId } }: Scene): Promise<Message[]> => {
  const planned: Message[] = [];
  for (let index = 0; index < 3; index += 1) {
    const sendAt = secondsAfter(new Date(), 1 + index / 100);
    planned.push(await tenant.send(chatId, { text: `planned ${index}`, transport: 'sms', sendAt }));
  }
  await patiently(async () => {
    expect((await tenant.chat(chatId)).messages.some(({ scheduledId }) => scheduledId !== null)).toBe(true);
  });
  return planned;
};

/** Ten messages out and ten in, at once; what of them is accepted when the power goes. */
const beBusy = async (scene: Scene): Promise<Accepted> => {
  const accepted: Accepted = { sent: [], heard: [] };
  const numbers = Array.from({ length: 10 }, (_, index) => index);
  const sending = numbers.map(async (index) => {
    accepted.sent.push(await scene.say(`out ${index}`));
  });
  const hearing = numbers.map(async (index) => {
    const text = `in ${index}`;
    if ((await scene.hear(text)).includes(200)) accepted.heard.push(text);
  });
  await Promise.any(sending);
  const committed: Accepted = { sent: [...accepted.sent], heard: [...accepted.heard] };
  await sleep(COMMIT_MS);
  // The others are cut off, each wherever it happens to be.
  await kill(child, 'SIGKILL');
  await Promise.allSettled([...sending, ...hearing]);
  return committed;
};

it('a stack that is killed loses nothing that it has accepted, and does nothing twice', async () => {
  const urls = urlsOf(port);
  const scene = await openSms({ urls });
  const before = await scene.say('before');
  await scene.becomes(before, 'delivered');
  await simulator(urls).setFaults({ provider: 'twilio', dropCallbacks: 1 });
  const planned = await scheduleSome(scene);
  const { sent, heard } = await beBusy(scene);
  expect(sent.length).toBeGreaterThan(0);
  child = await start(port, dataDir);
  const all = [before, ...planned, ...sent];
  for (const message of [...planned, ...sent]) {
    await patiently(async () => expect(['sent', 'delivered']).toContain((await scene.tenant.message(message)).status));
  }
  const received = await scene.received();
  expect(received).toEqual([...new Set(received)]);
  expect(received).toEqual(expect.arrayContaining(all.map(({ text }) => text)));
  const { messages } = await scene.tenant.chat(scene.parts.chatId);
  const released = messages.filter(({ scheduledId }) => scheduledId !== null).map(({ scheduledId }) => scheduledId);
  expect(released.toReversed()).toEqual(planned.map(({ id }) => id));
  const inbound = messages.filter(({ direction }) => direction === 'inbound').map(({ text }) => text);
  expect(inbound).toEqual([...new Set(inbound)]);
  expect(inbound).toEqual(expect.arrayContaining(heard));
  await patiently(async () => {
    const entries = await auditOf(scene);
    for (const { id, direction } of messages) {
      const types = entries.filter(({ subject }) => subject.id === id).map(({ type }) => type);
      const first = direction === 'inbound' ? 'MessageReceived' : 'MessageQueued';
      expect(types.filter((type) => type === 'MessageSent')).toHaveLength(direction === 'inbound' ? 0 : 1);
      expect(types).toContain(first);
    }
  });
}, 90_000);

it('a stack that is told to stop is gone within five seconds, with all its processes', async () => {
  const began = Date.now();
  await kill(child, 'SIGTERM');
  expect(Date.now() - began).toBeLessThan(LONGEST_STOP_MS);
  expect(child.exitCode).toBe(0);
  await patiently(async () => {
    expect(processesAt(port)).toEqual([]);
    await requireFreePorts(portsFrom(port));
  });
}, 60_000);
