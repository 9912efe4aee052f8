import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CompactEncrypt, compactDecrypt } from 'jose';
import * as z from 'zod';
import { environment } from '../config/environment.ts';
import type { ChannelId, TenantId, WebhookEndpointId } from '../contract/vocabulary.ts';

/** Whose secret it is: a channel's, or an endpoint's. A secret sealed for one cannot be opened as another's. */
interface Owner {
  readonly tenant: TenantId;
  readonly channel: ChannelId | WebhookEndpointId;
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array): unknown => {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return value;
};

const kms = new KMSClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});
/** 32 bytes in base64 are a key of this machine; anything else names one of KMS. */
const isKms = (key: string): boolean => !/^[A-Za-z0-9+/]{43}=$/.test(key);

/** https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html */
const context = ({ tenant, channel }: Owner) => ({ tenant, channel });

/** A JSON Web Encryption with a key of this machine, its owner inside the authenticated header. */
const LocalHeaderSchema = z.object({ tenant: z.string(), channel: z.string() });

const sealLocally = (key: string, owner: Owner, secret: unknown): Promise<string> =>
  new CompactEncrypt(encode(secret))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...context(owner) })
    .encrypt(new Uint8Array(Buffer.from(key, 'base64')));

const openLocally = async (key: string, owner: Owner, sealed: string): Promise<unknown> => {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, new Uint8Array(Buffer.from(key, 'base64')));
  const { tenant, channel } = LocalHeaderSchema.parse(protectedHeader);
  if (tenant !== owner.tenant || channel !== owner.channel)
    throw new Error('These credentials belong to another channel.');
  return decode(plaintext);
};

/** Encrypts a channel's credentials for the table: with KMS, or with a local key where there is none. */
export const sealCredentials = async (owner: Owner, secret: unknown): Promise<string> => {
  const key = environment().CREDENTIALS_KEY;
  if (!isKms(key)) return sealLocally(key, owner, secret);
  const command = new EncryptCommand({ KeyId: key, Plaintext: encode(secret), EncryptionContext: context(owner) });
  const { CiphertextBlob } = await kms.send(command);
  if (CiphertextBlob === undefined) throw new Error('KMS answered without a ciphertext.');
  return Buffer.from(CiphertextBlob).toString('base64');
};

const openSealed = async (owner: Owner, sealed: string): Promise<unknown> => {
  const key = environment().CREDENTIALS_KEY;
  if (!isKms(key)) return openLocally(key, owner, sealed);
  const { Plaintext } = await kms.send(
    new DecryptCommand({
      KeyId: key,
      CiphertextBlob: Buffer.from(sealed, 'base64'),
      EncryptionContext: context(owner),
    }),
  );
  if (Plaintext === undefined) throw new Error('KMS answered without a plaintext.');
  return decode(Plaintext);
};

const KEPT = 500;
const opened = new Map<string, unknown>();

/** Decrypts a channel's credentials. What was opened is kept in memory, so that KMS is asked once per container. */
export const openCredentials = async (owner: Owner, sealed: string): Promise<unknown> => {
  const name = `${owner.tenant}#${owner.channel}#${sealed}`;
  const known = opened.get(name);
  if (known !== undefined) return known;
  const secret = await openSealed(owner, sealed);
  if (opened.size >= KEPT) opened.clear();
  opened.set(name, secret);
  return secret;
};
