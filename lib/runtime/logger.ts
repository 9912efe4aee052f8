import { Logger } from '@aws-lambda-powertools/logger';

/** Logs carry ids and codes, never names, addresses, texts or secrets. */
export const logger = new Logger({ serviceName: 'parley' });

/** AWS's own messages, and ours about the environment, quote nobody. */
const isHarmless = (error: Error): boolean => '$metadata' in error || error.name === 'ConfigurationError';

/**
 * What may be logged of an error: its name and where it came from. Messages can quote what a person wrote, so only
 * those of AWS are kept.
 */
export const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    ...(isHarmless(error) && { reason: error.message }),
    ...(error.name === 'ZodError' &&
      'issues' in error &&
      Array.isArray(error.issues) && { paths: zodPaths(error.issues) }),
    at: frames.slice(0, 6).map((line) => line.trim()),
  };
};

const zodPaths = (issues: readonly unknown[]): string[] =>
  issues.map((issue) =>
    typeof issue === 'object' && issue !== null && 'path' in issue && Array.isArray(issue.path)
      ? issue.path.join('.')
      : '?',
  );
