import { Deployment } from './deployment.ts';
import { readDefinitions } from './definitions.ts';
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

/** An operator's command works on the system of this machine (PORT says which), unless TABLE_NAME names another's table. */
export const findTable = (): void => {
  if (process.env.TABLE_NAME !== undefined) return;
  delete process.env.AWS_PROFILE;
  Object.assign(process.env, localEnvironment());
};
