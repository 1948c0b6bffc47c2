/**
 * Where somebody is reached on a channel, as the public API writes it: `+4915112345678`, `lid:<digits>`, `@name`,
 * `id:<digits>`, `group:<opaque>`. Opaque outside the connector that made it.
 */
export type Address = string;

/** A person on a channel. The first address is the canonical one; the rest are other names of the same person. */
export interface Person {
  readonly addresses: readonly [Address, ...Address[]];
  readonly displayName?: string;
}

/** A thread on a channel. For `direct` the addresses are the guest's; for `group` there is one, `group:<opaque>`. */
export interface Chat {
  readonly kind: 'direct' | 'group';
  readonly addresses: readonly [Address, ...Address[]];
  readonly title?: string;
}
