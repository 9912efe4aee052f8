import * as z from 'zod';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or text where it is not JSON. */
  readonly body: unknown;
}

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
}

/** One HTTP call, whatever its status. */
export const call = async (method: string, url: string, { headers, body }: CallOptions = {}): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
};

const TokenSchema = z.object({ access_token: z.string() });

/** A token of the local identity provider. */
export const fetchToken = async (identity: string, grant: Readonly<Record<string, string>>): Promise<string> => {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...grant });
  // A kept connection would not survive the provider's restart.
  const response = await fetch(`${identity}/token`, { method: 'POST', body: form, headers: { connection: 'close' } });
  const text = await response.text();
  if (!response.ok) throw new Error(`No token: ${text}`);
  return TokenSchema.parse(JSON.parse(text)).access_token;
};
