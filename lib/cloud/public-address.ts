import ipaddr from 'ipaddr.js';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { environment } from '../config/environment.ts';

/** Where a name leads is not ours to call: this machine, a private network, a cloud's own services. */
export class PrivateAddress extends Error {
  override name = 'PrivateAddress';
}

/** All that is given out of IPv6 so far. https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Every range that is not the public internet's, IPv4 within IPv6 as well. https://www.iana.org/assignments/iana-ipv4-special-registry */
const isPublic = (text: string): boolean => {
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_IPV6)) return false;
  return address.range() === 'unicast';
};

/** A name may end with the dot of the root. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

/** Below stand services that speak of other things: mail, files, names. Of an https address the usual port is left out. */
const isPortForThis = ({ port }: URL): boolean => port === '' || Number(port) >= 1024;

/** Hosts of this machine that a developer lets be called. */
export const isLetThrough = (url: URL): boolean => environment().WEBHOOK_PRIVATE_HOSTS.includes(hostOf(url));

/**
 * Whether an address can be told of events: https, no password in it, no number of a private network. Where its name leads
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
    isPortForThis(url) &&
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
