import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { openCredentials, sealCredentials } from '../cloud/keys.ts';
import { canBeTold } from '../cloud/public-address.ts';
import type { WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { signingSecrets, type WebhookEndpointRecord } from '../domain/webhook-endpoint.ts';

export const SecretSchema = z.string().startsWith('whsec_');

const SECRET_BYTES = 32;

/** A new secret, encrypted for its endpoint. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const newSealedSecret = ({ tenant }: Act, id: WebhookEndpointId): Promise<string> =>
  sealCredentials({ tenant, channel: id }, `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`);

/** What deliveries are signed with now. */
export const showSecrets = async (act: Act, endpoint: WebhookEndpointRecord) => {
  const shown = await Promise.all(
    signingSecrets(endpoint, instant(act.now())).map(async ({ sealed, until }) => ({
      secret: SecretSchema.parse(await openCredentials({ tenant: act.tenant, channel: endpoint.id }, sealed)),
      until,
    })),
  );
  const [current, ...others] = shown;
  if (current === undefined) throw new Error('The endpoint has no secret.');
  const former = others.flatMap(({ secret, until }) => (until === null ? [] : [{ secret, until }]));
  return { secret: current.secret, former };
};

/** @throws Failure `webhook.address` */
export const requirePublic = (url: string): void => {
  if (canBeTold(new URL(url))) return;
  throw new Failure(
    'webhook.address',
    'Give an https address in a public network, without a password in it, at port 443 or from 1024 on.',
  );
};
