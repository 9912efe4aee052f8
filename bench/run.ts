/** Measures every main operation beside a bare table read, all in one run, and counts what each asks of the table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { startTestStack } from '../test/support/stack.ts';
import { quantile, table } from './report.ts';
import { setStage, type Stage } from './stage.ts';

const ROUNDS = 60;
const WARM_UP = 10;

/** Operations take turns, so that a noisy moment falls on all of them alike. */
const measure = async ({ operations }: Stage): Promise<Map<string, number[]>> => {
  const samples = new Map<string, number[]>(Object.keys(operations).map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const [name, operation] of Object.entries(operations)) {
      const started = performance.now();
      await operation();
      if (round >= 0) samples.get(name)?.push(performance.now() - started);
    }
  }
  return samples;
};

const main = async (): Promise<void> => {
  const stack = await startTestStack('bench', { PARLEY_BENCH: '1', LOG_LEVEL: 'SILENT' });
  Object.assign(process.env, stack.environment, { POWERTOOLS_METRICS_DISABLED: 'true' });
  // The logger looks at its level when it is loaded.
  const { checkBudgets } = await import('./budgets.ts');
  try {
    const stage = await setStage(stack.urls, 'bench');
    const samples = await measure(stage);
    const toProvider: number[] = [];
    for (let count = 0; count < 20; count += 1) toProvider.push(await stage.timeToProvider());
    samples.set('message accepted → at the provider', toProvider);
    const toFound: number[] = [];
    for (let count = 0; count < 20; count += 1) toFound.push(await stage.timeToFound());
    samples.set('client added → found by a search', toFound);
    const toTold: number[] = [];
    for (let count = 0; count < 20; count += 1) toTold.push(await stage.timeToTold());
    samples.set('webhook → told on a WebSocket', toTold);
    const bare = quantile(samples.get('bare table read') ?? [], 0.5);
    const latency = [...samples].map(([operation, times]) => ({
      operation,
      p50: quantile(times, 0.5),
      p95: quantile(times, 0.95),
      ratio: quantile(times, 0.5) / bare,
    }));
    const budgets = await checkBudgets(stack.urls);
    mkdirSync('bench', { recursive: true });
    writeFileSync(
      'bench/results.json',
      `${JSON.stringify({ node: process.version, cores: cpus().length, rounds: ROUNDS, latency, budgets }, undefined, 2)}\n`,
    );
    console.log(table(latency, budgets));
    if (budgets.some(({ kept }) => !kept)) process.exitCode = 1;
  } finally {
    await stack.stop();
  }
};

await main();
process.exit();
