import * as z from 'zod';

const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);

/** Every variable the functions read. Local runs set them in `local/environment.ts`, deployments in `resources/environment.yml`. */
const EnvironmentSchema = z.object({
  TABLE_NAME: z.string().min(1),
  /** How long one request to the table may take; there is one more attempt. */
  TABLE_TIMEOUT_SECONDS: seconds(2),
  EVENT_BUS_NAME: z.string().min(1),
  OUTBOUND_QUEUE_URL_TWILIO: z.url(),
  OUTBOUND_QUEUE_URL_TELEGRAM: z.url(),
  INBOUND_QUEUE_URL: z.url(),
  JOBS_QUEUE_URL: z.url(),
  DELIVERIES_QUEUE_URL: z.url(),
  UPLOADS_BUCKET: z.string().min(1),
  /** Where Lambda keeps what it gave up of the stream; not on one machine. */
  STREAM_FAILURES_BUCKET: z.string().default(''),
  /** Where clients open WebSockets; over HTTP their connections are managed there. */
  REALTIME_URL: z.url(),
  /** Where clients and providers reach the API, without a trailing slash. Webhook signatures are checked over it. */
  PUBLIC_BASE_URL: z.url().transform((url) => url.replace(/\/$/, '')),
  JWT_ISSUER: z.url(),
  JWT_AUDIENCE: z.string().min(1),
  JWKS_URI: z.url(),
  /** Encrypts channel credentials: 32 bytes in base64, or else the id, alias or ARN of a KMS key. */
  CREDENTIALS_KEY: z.string().min(1),
  /** Signs the audit log's seals: 32 bytes in base64, or else the id, alias or ARN of an HMAC key of KMS. */
  AUDIT_KEY: z.string().min(1),
  /** Encrypts list cursors: 32 bytes in base64. */
  CURSOR_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, '32 bytes in base64'),
  TWILIO_API_BASE: z.url().default('https://api.twilio.com'),
  TELEGRAM_API_BASE: z.url().default('https://api.telegram.org'),
  /** Takes our mails: smtp://user:password@host:587 or smtps://user:password@host:465. Without it there is no e-mail. */
  SMTP_URL: z.union([z.literal(''), z.url({ protocol: /^smtps?$/ })]).default(''),
  /** In whose name mails are sent: an address, or a name with an address in angle brackets. Without it there is no e-mail. */
  MAIL_FROM: z.string().default(''),
  /** Hosts that other systems' endpoints may have though they are not public, nor spoken to by https. For one machine. */
  WEBHOOK_PRIVATE_HOSTS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((host) => host !== '')),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT']).default('INFO'),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    ),
  /** How many requests a second one user may make unless its tenant says otherwise; twice as many at once. */
  REQUESTS_PER_SECOND: z.coerce.number().positive().default(200),
  /** How many all users of a tenant may make unless it says otherwise; twice as many at once. */
  TENANT_REQUESTS_PER_SECOND: z.coerce.number().positive().default(2_000),
  /** How many requests without a good token a container takes from one address; five times as many at once. */
  ADDRESS_REQUESTS_PER_SECOND: z.coerce.number().positive().default(200),
  /** How many messages a second a number takes of which nobody has said otherwise; see the carrier's rules. */
  SMS_MESSAGES_PER_SECOND: z.coerce.number().positive().default(1),
  /** How often a Twilio number is asked for what we have not heard of. */
  RECONCILE_SECONDS: seconds(900),
  /** How long one call to a provider may take. Must stay below the sender's function time-out, that below the lease. */
  PROVIDER_TIMEOUT_SECONDS: seconds(10),
  /** How long a sender holds a message; afterwards its outcome is unknown. Must stay below the queue's visibility time-out. */
  LEASE_SECONDS: seconds(30),
  /** How long a queued message may wait before its queue entry counts as lost and is made again. */
  REDISPATCH_SECONDS: seconds(120),
  /** How long an unknown outcome rests before the provider is asked. */
  SETTLE_SECONDS: seconds(60),
  /** The longest wait that blocks a chat's place in the queue; longer ones go to the due index. */
  QUEUE_WAIT_SECONDS: seconds(60),
  /** How long a job goes on in one invocation before it takes its next turn in another. */
  JOB_RUN_SECONDS: seconds(30),
  /** How often a failing channel is probed. */
  PROBE_SECONDS: seconds(60),
});

export type Environment = z.infer<typeof EnvironmentSchema>;

/** The environment is not usable. Its message names variables, never their values. */
class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

type Source = Readonly<Record<string, string | undefined>>;

const parse = <Schema extends z.ZodType>(schema: Schema, source: Source): z.output<Schema> => {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigurationError(`The environment is not usable. ${problems.join('; ')}`);
};

/**
 * Parses environment variables.
 *
 * @throws ConfigurationError naming every variable that is missing or wrong
 */
export const parseEnvironment = (source: Source): Environment => parse(EnvironmentSchema, source);

let current: Environment | undefined;

/** The functions' environment, parsed once. */
export const environment = (): Environment => (current ??= parseEnvironment(process.env));

const TableSchema = EnvironmentSchema.pick({ TABLE_NAME: true, TABLE_TIMEOUT_SECONDS: true });
let table: z.infer<typeof TableSchema> | undefined;

/** What the table takes: an operator's command need not have the other variables. */
export const tableSettings = (): z.infer<typeof TableSchema> => (table ??= parse(TableSchema, process.env));

export const tableName = (): string => tableSettings().TABLE_NAME;

const AuditKeySchema = EnvironmentSchema.pick({ AUDIT_KEY: true });
let signing: string | undefined;

/** What takes the audit log's key: the job that seals it, and the operator's command that verifies it. */
export const auditKey = (): string => (signing ??= parse(AuditKeySchema, process.env).AUDIT_KEY);
