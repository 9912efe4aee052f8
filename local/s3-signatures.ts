import { createHmac, createHash } from 'node:crypto';
import * as z from 'zod';
import { CREDENTIALS } from './project.ts';

/** Why S3 would say no: its code, and the status that comes with it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const denied = (message: string): Refusal => ({ status: 403, code: 'AccessDenied', message });

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const signature = (credential: string, text: string): string => {
  const [, date = '', region = '', service = '', end = ''] = credential.split('/');
  const key = [date, region, service, end].reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, text).toString('hex');
};

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const timeOf = (amzDate: string): number =>
  Date.parse(amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const SIGNATURE = 'X-Amz-Signature';

/** What is wrong with an address that should be signed. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
export const refusalOfSignedUrl = (method: string, target: string, host: string): Refusal | undefined => {
  const url = new URL(target, `http://${host}`);
  const query = url.searchParams;
  const said = (name: string): string => query.get(name) ?? '';
  if (said(SIGNATURE) === '') return denied('Access Denied');
  const amzDate = said('X-Amz-Date');
  if (Date.now() > timeOf(amzDate) + Number(said('X-Amz-Expires')) * 1000) return denied('Request has expired');
  const names = [...new Set(query.keys())].filter((name) => name !== SIGNATURE).sort();
  const canonical = [
    method,
    url.pathname,
    names.map((name) => `${encode(name)}=${encode(said(name))}`).join('&'),
    `host:${host}\n`,
    said('X-Amz-SignedHeaders'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const credential = said('X-Amz-Credential');
  const scope = credential.split('/').slice(1).join('/');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const expected = signature(credential, ['AWS4-HMAC-SHA256', amzDate, scope, digest].join('\n'));
  if (expected === said(SIGNATURE)) return undefined;
  const message = 'The request signature we calculated does not match the signature you provided.';
  return { status: 403, code: 'SignatureDoesNotMatch', message };
};

const PolicySchema = z.object({
  expiration: z.string(),
  conditions: z.array(
    z.union([
      z.tuple([z.literal('content-length-range'), z.coerce.number(), z.coerce.number()]),
      z.tuple([z.enum(['eq', 'starts-with']), z.string(), z.string()]),
      z.record(z.string(), z.string()),
    ]),
  ),
});
type Condition = z.infer<typeof PolicySchema>['conditions'][number];

type Fields = Readonly<Record<string, string>>;

/** Fields whose values no policy names. */
const FREE = new Set(['policy', 'x-amz-signature', 'file']);

const valueOf = (fields: Fields, name: string): string => {
  const found = Object.entries(fields).find(([field]) => field.toLowerCase() === name.toLowerCase());
  return found?.[1] ?? '';
};

/** Which fields a condition is about, and whether it holds. */
const judge = (condition: Condition, fields: Fields): readonly (readonly [string, boolean])[] => {
  if (!Array.isArray(condition)) {
    return Object.entries(condition).map(([name, wanted]) => [name, valueOf(fields, name) === wanted]);
  }
  if (condition[0] === 'content-length-range') return [];
  const [operator, reference, wanted] = condition;
  const name = reference.replace(/^\$/, '');
  const value = valueOf(fields, name);
  return [[name, operator === 'eq' ? value === wanted : value.startsWith(wanted)]];
};

const refusalOfSize = (conditions: readonly Condition[], size: number): Refusal | undefined => {
  for (const condition of conditions) {
    if (!Array.isArray(condition) || condition[0] !== 'content-length-range') continue;
    const [, least, most] = condition;
    if (size > most)
      return { status: 400, code: 'EntityTooLarge', message: 'Your proposed upload exceeds the maximum allowed size' };
    if (size < least)
      return {
        status: 400,
        code: 'EntityTooSmall',
        message: 'Your proposed upload is smaller than the minimum allowed size',
      };
  }
  return undefined;
};

/** What is wrong with a form that uploads a file. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
export const refusalOfPost = (bucket: string, form: Fields, size: number): Refusal | undefined => {
  const encoded = valueOf(form, 'policy');
  const policy = PolicySchema.safeParse(JSON.parse(Buffer.from(encoded, 'base64').toString() || 'null'));
  if (!policy.success) return denied('Access Denied');
  if (signature(valueOf(form, 'X-Amz-Credential'), encoded) !== valueOf(form, SIGNATURE)) {
    return denied('Access Denied');
  }
  const { expiration, conditions } = policy.data;
  if (Date.now() > Date.parse(expiration)) return denied('Invalid according to Policy: Policy expired.');
  const fields = { bucket, ...form };
  const judged = conditions.flatMap((condition) => judge(condition, fields));
  const broken = judged.find(([, holds]) => !holds);
  if (broken) return denied(`Invalid according to Policy: Policy Condition failed: ${broken[0]}`);
  const named = new Set(judged.map(([name]) => name.toLowerCase()));
  const extra = Object.keys(form).find((name) => !FREE.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
  if (extra !== undefined) return denied(`Invalid according to Policy: Extra input fields: ${extra}`);
  return refusalOfSize(conditions, size);
};
