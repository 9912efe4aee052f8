import { projectEvents } from '../../lib/messaging/project.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { newId, systemAct } from '../../lib/runtime/worker.ts';

/** Keeps current by which tags and segments clients are found, and how many are. */
export const handler = subscribe((tenant, events) =>
  projectEvents(systemAct(tenant, 'project-clients', newId()), events),
);
