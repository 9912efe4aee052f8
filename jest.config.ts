import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/.config/jest-transform.cjs' },
  testMatch: ['<rootDir>/{lib,functions,local,resources,test,bench}/**/*.test.ts'],
  reporters: ['default', '<rootDir>/.config/jest-reporter.cjs'],
  // As many as the machine has cores: the tests mostly wait.
  maxWorkers: '100%',
  testTimeout: 30_000,
  // Concurrent tests mostly wait, for leases and retries.
  maxConcurrency: 20,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

export default config;
