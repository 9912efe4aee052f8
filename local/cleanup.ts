import { setTimeout as sleep } from 'node:timers/promises';
import { type Log } from './project.ts';

const LONGEST_STEP_MS = 2_000;

/** Ends in reverse what was started; one thing's trouble does not keep the rest up. */
export class Cleanup {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.#steps.unshift(step);
  }

  async run(log: Log): Promise<void> {
    for (const step of this.#steps.splice(0)) {
      const done = Promise.resolve()
        .then(step)
        .catch((error: unknown) => log(`stop: ${String(error)}`));
      await Promise.race([done, sleep(LONGEST_STEP_MS, undefined, { ref: false })]);
    }
  }
}
