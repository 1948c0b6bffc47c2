import ipaddr from 'ipaddr.js';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Which IP addresses deliveries may connect to: public ones, and the private ranges that the operator listed. */
export class AddressPolicy {
  readonly #allowed: readonly Range[];

  /** Throws a TypeError for a range that is not CIDR. */
  constructor(allowTargets: readonly string[]) {
    this.#allowed = allowTargets.map((range) => {
      try {
        return ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`);
      } catch {
        throw new TypeError(`"${range}" is not an address range such as 10.0.0.0/8`);
      }
    });
  }

  /** `address` is an IP literal, IPv6 without brackets. Anything unreadable is refused. */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const effective = unwrap(ipaddr.parse(address));
    return effective.range() === 'unicast' || this.#allowed.some((range) => contains(range, effective));
  }
}

function contains([network, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

const NAT64_PREFIX = ipaddr.IPv6.parse('64:ff9b::'); // RFC 6052: the last 32 bits are an IPv4 address
const NAT64_BITS = 96;
const IPV4_COMPATIBLE_BITS = 96; // ::a.b.c.d, deprecated by RFC 4291 but still routed by some stacks

/** The IPv4 address that an IPv6 address stands for, where it does; such spellings are a way around naive filters. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  const embedded = new ipaddr.IPv4(bytes.slice(12));
  if (address.match(NAT64_PREFIX, NAT64_BITS)) return embedded;
  const isCompatible =
    bytes.slice(0, IPV4_COMPATIBLE_BITS / 8).every((byte) => byte === 0) && address.range() === 'unicast';
  return isCompatible ? embedded : address;
}
