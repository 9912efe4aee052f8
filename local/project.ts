import { fileURLToPath } from 'node:url';
import * as z from 'zod';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';
export const STAGE = 'local';

/** Nothing on one machine checks them, but the SDK signs no request without. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What an SDK client needs to speak to a local endpoint. */
export const clientFor = (endpoint: string) => ({ endpoint, region: REGION, credentials: CREDENTIALS });

export type Log = (line: string) => void;

const CodedSchema = z.looseObject({ code: z.string() });

/** The system's code for what went wrong, such as ENOENT. */
export const errorCode = (error: unknown): string | undefined => CodedSchema.safeParse(error).data?.code;
