import { createHmac, timingSafeEqual } from 'node:crypto';
import { GenerateMacCommand, KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';
import { auditKey } from '../config/environment.ts';
import type { TenantId } from '../contract/vocabulary.ts';

const kms = new KMSClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});
const ALGORITHM = 'HMAC_SHA_256';

/** 32 bytes in base64 are a key of this machine; anything else names one of KMS. */
const isKms = (key: string): boolean => !/^[A-Za-z0-9+/]{43}=$/.test(key);

/** The tenant is in it, so that a seal of one cannot stand in for another's. */
const messageOf = (tenant: TenantId, hash: string): Uint8Array =>
  new TextEncoder().encode(`audit-seal ${tenant} ${hash}`);

const signLocally = (key: string, message: Uint8Array): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(message).digest();

/**
 * Signs a seal's hash with a key that never leaves KMS, or with a key of this machine.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export const signSeal = async (tenant: TenantId, hash: string): Promise<string> => {
  const key = auditKey();
  const message = messageOf(tenant, hash);
  if (!isKms(key)) return signLocally(key, message).toString('base64');
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: key, MacAlgorithm: ALGORITHM, Message: message }));
  if (Mac === undefined) throw new Error('KMS answered without a signature.');
  return Buffer.from(Mac).toString('base64');
};

/** Whether this is our own signature of the hash. */
export const isSigned = async (tenant: TenantId, hash: string, signature: string): Promise<boolean> => {
  const key = auditKey();
  const message = messageOf(tenant, hash);
  const mac = Buffer.from(signature, 'base64');
  if (!isKms(key)) {
    const own = signLocally(key, message);
    return own.length === mac.length && timingSafeEqual(own, mac);
  }
  if (mac.length === 0) return false;
  try {
    const command = new VerifyMacCommand({ KeyId: key, MacAlgorithm: ALGORITHM, Message: message, Mac: mac });
    return (await kms.send(command)).MacValid === true;
  } catch (error) {
    if (error instanceof KMSInvalidMacException) return false;
    throw error;
  }
};
