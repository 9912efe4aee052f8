import type { JobWorks } from './jobs.ts';

/** Who does which kind of job. */
export const jobWorks: JobWorks = {};
