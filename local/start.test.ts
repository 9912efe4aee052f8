import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openDataDir } from './data-dir.ts';
import { findFreeBasePort } from './ports.ts';
import { ROOT } from './project.ts';

/** Runs `npm start` until it ends. */
const start = async (environment: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, ['local/start.ts'], { cwd: ROOT, env: { ...process.env, ...environment } });
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { stderr, code: child.exitCode };
};

describe('a start that cannot be', () => {
  it('names the port that is taken, and the way out', async () => {
    const port = await findFreeBasePort();
    const holder = createServer().listen(port + 3, '127.0.0.1');
    await once(holder, 'listening');
    const { stderr, code } = await start({ PORT: String(port), DATA_DIR: 'memory' });
    holder.close();
    expect(stderr).toBe(
      `Port ${port + 3} is in use. Stop what listens there, or choose another range: PORT=${port + 100} npm start\n`,
    );
    expect(code).toBe(1);
  });

  it('says that another start holds the data', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'held-'));
    const held = openDataDir(directory);
    const { stderr, code } = await start({ PORT: String(await findFreeBasePort()), DATA_DIR: directory });
    held.release();
    expect(stderr).toContain(`${directory} is held by another npm start.`);
    expect(code).toBe(1);
  });

  it('refuses a port that is no port', async () => {
    const { stderr, code } = await start({ PORT: 'http' });
    expect(stderr).toContain('PORT must be a number');
    expect(code).toBe(1);
  });
});
