import type { TestStack } from './stack.ts';

declare global {
  var testStack: TestStack | undefined;
}

const globalTeardown = async (): Promise<void> => {
  await globalThis.testStack?.stop();
};

export default globalTeardown;
