import type { ProviderName } from '../contract/vocabulary.ts';
import type { Provider, ProviderArchive, ProviderSettings } from './provider.ts';
import { telegramProvider } from './telegram/telegram.ts';
import { twilioProvider } from './twilio/twilio.ts';

const sealedArchive = <Credentials>(
  archive: ProviderArchive<Credentials>,
  own: (credentials: unknown) => Credentials,
): ProviderArchive<unknown> => ({
  listReceived: (credentials, search) => archive.listReceived(own(credentials), search),
  completeReceived: (credentials, record) => archive.completeReceived(own(credentials), record),
  listReports: (credentials, search, page) => archive.listReports(own(credentials), search, page),
});

/**
 * A provider for callers that do not know which one: credentials go in as they were decrypted and are parsed by the
 * provider's own schema, so that those of one can never be used with another.
 */
const sealed = <Credentials>({ archive, ...provider }: Provider<Credentials>): Provider<unknown> => {
  const own = (credentials: unknown): Credentials => provider.credentials.parse(credentials);
  const findSent = provider.findSent?.bind(provider);
  return {
    ...provider,
    connect: (credentials, channel) => provider.connect(own(credentials), channel),
    disconnect: (credentials) => provider.disconnect(own(credentials)),
    probe: (credentials) => provider.probe(own(credentials)),
    send: (credentials, message) => provider.send(own(credentials), message),
    fetchMedia: (credentials, reference, maxBytes) => provider.fetchMedia(own(credentials), reference, maxBytes),
    verify: (credentials, webhook) => provider.verify(own(credentials), webhook),
    ...(archive && { archive: sealedArchive(archive, own) }),
    ...(findSent ? { findSent: (credentials, search) => findSent(own(credentials), search) } : {}),
  };
};

const PROVIDERS: Readonly<Record<ProviderName, (settings: ProviderSettings) => Provider<unknown>>> = {
  twilio: (settings) => sealed(twilioProvider(settings)),
  telegram: (settings) => sealed(telegramProvider(settings)),
};

/** The provider of this name. Methods that take credentials throw a ZodError for those of another form. */
export const providerFor = (name: ProviderName, settings: ProviderSettings): Provider<unknown> =>
  PROVIDERS[name](settings);
