/** Runs a stack for tests in a process of its own; told what to do by the process that forked it, and gone with it. */
import { createWriteStream } from 'node:fs';
import * as z from 'zod';
import { findFreeBasePort } from '../../local/ports.ts';
import { startStack, type Stack } from '../../local/stack.ts';
import { serveWrittenKeys } from './written-keys.ts';

const OrderSchema = z.discriminatedUnion('order', [
  z.object({ id: z.number(), order: z.enum(['stop-table', 'start-table', 'start-functions']) }),
  z.object({ id: z.number(), order: z.literal('kill-functions'), signal: z.enum(['SIGKILL', 'SIGTERM']) }),
]);
type Order = z.infer<typeof OrderSchema>;

const OptionsSchema = z.object({ logFile: z.string(), environment: z.record(z.string(), z.string()) });

const obey = (stack: Stack, order: Order): Promise<void> => {
  switch (order.order) {
    case 'stop-table':
      return stack.table.stop();
    case 'start-table':
      return stack.table.start();
    case 'kill-functions':
      return stack.functions.kill(order.signal);
    case 'start-functions':
      return stack.functions.start();
  }
};

const send = (message: unknown): void => void process.send?.(message);

const main = async (): Promise<void> => {
  process.on('disconnect', () => process.exit(0));
  const { logFile, environment } = OptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const file = createWriteStream(logFile);
  const stack = await startStack({
    port: await findFreeBasePort(),
    dataDir: 'memory',
    scheduleSeconds: 1,
    environment: { LOG_LEVEL: 'WARN', ...environment },
    log: (line) => file.write(`${line}\n`),
  });
  const keys = await serveWrittenKeys(stack.urls.dynamodb, stack.environment.TABLE_NAME ?? '');
  process.on('SIGTERM', () => void stack.stop().finally(() => process.exit(0)));
  process.on('message', (message) => {
    const order = OrderSchema.parse(message);
    obey(stack, order).then(
      () => send({ id: order.id }),
      (error: unknown) => send({ id: order.id, error: String(error) }),
    );
  });
  send({ ready: { urls: stack.urls, environment: { ...stack.environment, TEST_KEYS_URL: keys.url } } });
};

main().catch((error: unknown) => {
  send({ failed: String(error) });
  process.exitCode = 1;
  process.disconnect();
});
