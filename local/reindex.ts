/**
 * Rebuilds what searches look in, while the system runs: the one on this machine (PORT says which), or, where TABLE_NAME is
 * set, the table of that name, with AWS's own variables for region and credentials.
 */
import { parseArgs } from 'node:util';
import { TenantIdSchema } from '../lib/contract/vocabulary.ts';
import { reindex, type ReindexProgress } from '../lib/messaging/reindex.ts';
import { readDefinitions } from './definitions.ts';
import { Deployment } from './deployment.ts';
import { HOST, portsFrom } from './ports.ts';
import { CREDENTIALS, REGION } from './project.ts';

/** How the functions of `npm start` find their table. */
const localEnvironment = (): Record<string, string> => ({
  TABLE_NAME: new Deployment(readDefinitions()).nameOf('Table'),
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL_DYNAMODB: `http://${HOST}:${portsFrom(Number(process.env.PORT ?? '3000')).dynamodb}`,
});

const describe = ({ pass, scanned, done, removed }: ReindexProgress): string =>
  pass === 'documents'
    ? `1/2 ${scanned} items read, ${done} documents posted anew`
    : `2/2 ${scanned} items read, ${done} postings looked at, ${removed} led nowhere and are gone`;

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { tenant: { type: 'string' } } });
  const tenant = values.tenant === undefined ? undefined : TenantIdSchema.parse(values.tenant);
  if (process.env.TABLE_NAME === undefined) {
    delete process.env.AWS_PROFILE;
    Object.assign(process.env, localEnvironment());
  }
  for await (const progress of reindex(tenant)) console.log(describe(progress));
  console.log('done');
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
