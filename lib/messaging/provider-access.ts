import { openCredentials } from '../cloud/keys.ts';
import { environment } from '../config/environment.ts';
import type { ProviderName, TenantId } from '../contract/vocabulary.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { Provider } from '../providers/provider.ts';
import { providerFor } from '../providers/registry.ts';

/** The provider as the environment says it is reached. */
export const configuredProvider = (name: ProviderName): Provider<unknown> => {
  const { TWILIO_API_BASE, TELEGRAM_API_BASE, PROVIDER_TIMEOUT_SECONDS } = environment();
  const apiBase = name === 'twilio' ? TWILIO_API_BASE : TELEGRAM_API_BASE;
  return providerFor(name, { apiBase, timeoutMs: PROVIDER_TIMEOUT_SECONDS * 1000 });
};

/** A channel's provider with what it takes to use it. */
export interface ProviderAccess {
  readonly tenant: TenantId;
  readonly provider: Provider<unknown>;
  readonly credentials: unknown;
}

export const providerOf = async (tenant: TenantId, channel: ChannelRecord): Promise<ProviderAccess> => ({
  tenant,
  provider: configuredProvider(channel.provider),
  credentials: await openCredentials({ tenant, channel: channel.id }, channel.sealedCredentials),
});
