import { startTestStack } from './stack.ts';

/** Whose pages may call the API from a browser. */
const CORS_ORIGINS = 'https://console.example,https://other-console.example';

/** One stack for all tests; they reach it through the variables that the functions get, and `TEST_URLS`. */
const globalSetup = async (): Promise<void> => {
  const stack = await startTestStack('test', { CORS_ORIGINS });
  Object.assign(process.env, stack.environment, { TEST_URLS: JSON.stringify(stack.urls) });
  Object.assign(globalThis, { testStack: stack });
};

export default globalSetup;
