import { environment } from '../config/environment.ts';
import { JobIdSchema, type JobId, type TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { JobRecordSchema, newJob, type JobKind, type JobRecord } from '../domain/job.ts';
import { get } from './client.ts';
import { dueShard, jobKey, jobsOfKind } from './keys.ts';
import { announceTurn } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, replace, type Step } from './transaction.ts';

const jobItem = (tenant: TenantId, job: JobRecord) => ({
  ...jobKey(tenant, job.id),
  ...job,
  gsi1pk: jobsOfKind(tenant, job.kind),
  gsi1sk: job.id,
  ...(job.dueAt !== null && { gsi4pk: dueShard(job.id), gsi4sk: `${job.dueAt}#${job.id}` }),
});

interface Work {
  readonly kind: JobKind;
  readonly subjectId: string;
  /** Where its first step begins. */
  readonly position: unknown;
  readonly total?: number | null;
}

/** A job, and the steps that start it in the transaction of the request that asks for it. */
export const startJob = (act: Act, work: Work): { readonly job: JobRecord; readonly steps: readonly Step[] } => {
  const job = newJob(act, work, environment().REDISPATCH_SECONDS);
  return { job, steps: [put(jobItem(act.tenant, job), absent), announceTurn(act, job)] };
};

/** How does this job stand? One read. */
export const findJob = async (tenant: TenantId, id: JobId): Promise<JobRecord | undefined> => {
  const { Item } = await get(tenant, { Key: jobKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : JobRecordSchema.parse(Item);
};

/** As above, for an id that a caller gives. */
export const findJobOf = async (tenant: TenantId, kind: JobKind, id: string): Promise<JobRecord | undefined> => {
  const job = await findJob(tenant, JobIdSchema.parse(id));
  return job?.kind === kind ? job : undefined;
};

/** Which jobs of a kind were there, newest first? One query, a page of items. */
export const listJobs = (tenant: TenantId, kind: JobKind, page: Page): Promise<Paged<JobRecord>> =>
  queryPage(
    tenant,
    `jobs:${kind}`,
    JobRecordSchema,
    {
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk',
      ExpressionAttributeValues: { ':pk': jobsOfKind(tenant, kind) },
      ScanIndexForward: false,
    },
    page,
  );

/** A job that was read becomes another, with whatever belongs to it. */
const replaceJob = (tenant: TenantId, before: JobRecord, after: JobRecord): Step =>
  replace(jobItem(tenant, after), before);

/** One transaction. @throws Raced when somebody else has taken the job */
export const saveJob = (act: Act, before: JobRecord, after: JobRecord, also: readonly Step[] = []): Promise<void> =>
  commit(act.tenant, [
    replaceJob(act.tenant, before, after),
    ...(after.turn === before.turn ? [] : [announceTurn(act, after)]),
    ...also,
  ]);
