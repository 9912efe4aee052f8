export interface FunctionClass {
  /** Class `api` has the role ApiRole and the log group ApiLogs, /parley/<stage>/api. */
  readonly name: string;
  readonly areas: readonly string[];
  /** A row of timings.yml. */
  readonly timeout: 'answer' | 'function' | 'job';
  readonly memorySize: number;
}

const classes: readonly FunctionClass[] = [
  {
    name: 'api',
    areas: [
      'clients',
      'chats',
      'channels',
      'settings',
      'stats',
      'users',
      'audit',
      'letters',
      'realtime',
      'templates',
      'notes',
      'interactions',
      'uploads',
      'privacy',
      'fields',
      'tags',
      'segments',
      'imports',
      'exports',
      'hooks',
    ],
    timeout: 'answer',
    memorySize: 1024,
  },
  { name: 'public', areas: ['health', 'docs', 'edge'], timeout: 'answer', memorySize: 512 },
  { name: 'webhooks', areas: ['webhooks'], timeout: 'answer', memorySize: 1024 },
  { name: 'senders', areas: ['senders'], timeout: 'function', memorySize: 512 },
  { name: 'stream', areas: ['stream'], timeout: 'job', memorySize: 512 },
  { name: 'subscribers', areas: ['subscribers'], timeout: 'function', memorySize: 512 },
  { name: 'workers', areas: ['workers'], timeout: 'function', memorySize: 512 },
  // Files of many megabytes, from providers that take their time.
  { name: 'fetchers', areas: ['fetchers'], timeout: 'job', memorySize: 1024 },
  // Mail servers take their time too.
  { name: 'notifiers', areas: ['notifiers'], timeout: 'job', memorySize: 512 },
  // Other people's servers, at public addresses.
  { name: 'callers', areas: ['callers'], timeout: 'job', memorySize: 512 },
  { name: 'runners', areas: ['runners'], timeout: 'job', memorySize: 1024 },
  { name: 'sockets', areas: ['sockets'], timeout: 'function', memorySize: 512 },
  { name: 'jobs', areas: ['jobs'], timeout: 'job', memorySize: 512 },
];

/**
 * What the functions of an area, a folder under functions/, have in common with others of their kind.
 *
 * @throws Error for an area that nobody has given a class
 */
export const classOf = (area: string): FunctionClass => {
  const found = classes.find(({ areas }) => areas.includes(area));
  if (found === undefined) throw new Error(`functions/${area} belongs to no class of resources/classes.ts`);
  return found;
};
