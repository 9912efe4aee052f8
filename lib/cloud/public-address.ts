import ipaddr from 'ipaddr.js';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { environment } from '../config/environment.ts';

/** Where a name leads is not ours to call: this machine, a private network, a cloud's own services. */
export class PrivateAddress extends Error {
  override name = 'PrivateAddress';
}

/** Every range that is not the public internet's, IPv4 within IPv6 as well. https://www.iana.org/assignments/iana-ipv4-special-registry */
const isPublic = (address: string): boolean => ipaddr.process(address).range() === 'unicast';

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Hosts of this machine that a developer lets be called. */
export const isLetThrough = (url: URL): boolean => environment().WEBHOOK_PRIVATE_HOSTS.includes(hostOf(url));

/**
 * Whether an address can be told of events: https, no password in it, and no number of a private network. Where its name leads
 * is looked at with each call, because it may lead elsewhere by then.
 */
export const canBeTold = (url: URL): boolean => {
  if (isLetThrough(url)) return url.protocol === 'https:' || url.protocol === 'http:';
  const host = hostOf(url);
  const isNamed = isIP(host) === 0;
  return (
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    (isNamed ? host.includes('.') && !/\.(?:local|localhost|internal)$/.test(host) : isPublic(host))
  );
};

/** Looks a name up as the system does; one that leads to a private network, even among others, leads nowhere. */
export const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, []);
      return;
    }
    if (addresses.length === 0 || addresses.some(({ address }) => !isPublic(address))) {
      callback(new PrivateAddress('The name leads into a private network.'), []);
      return;
    }
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
