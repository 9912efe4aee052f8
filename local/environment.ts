import type { Deployment } from './deployment.ts';
import type { Definitions } from './definitions.ts';
import { CREDENTIALS, REGION } from './project.ts';

interface EnvironmentOptions {
  readonly definitions: Definitions;
  readonly deployment: Deployment;
  readonly endpoints: { readonly dynamodb: string; readonly queues: string; readonly bus: string };
  /** What parameters and secrets are in a deployment, and what the user set. */
  readonly values: Readonly<Record<string, string>>;
}

/** Every variable the functions get: the deployment's own list, with addresses of this machine. */
export const functionsEnvironment = (options: EnvironmentOptions): Record<string, string> => {
  const { definitions, deployment, endpoints, values } = options;
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(definitions.environment)) {
    defined[name] = values[name] ?? String(deployment.evaluate(value));
  }
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.queues,
    AWS_ENDPOINT_URL_S3: endpoints.queues,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.bus,
    ...values,
    ...defined,
  };
};
