import type { Guest } from '../../engine/model/conversation.ts';

/*
 * A guest may have several accounts on a channel (two phones, merged by hand), and each account several names (a number and a
 * LID). The canonical identities are the accounts; the others are further names of one of them.
 */

/** The account that an address stands for: itself where it is one, else the guest's first, else the address as it is. */
export function accountAddress(guest: Guest, channel: string, address: string): string {
  const accounts = accountsOn(guest, channel);
  return accounts.includes(address) ? address : (accounts[0] ?? address);
}

/** What a connector may call the account: the address first, then names that are no account of their own. */
export function namesOf(guest: Guest, channel: string, address: string): readonly [string, ...string[]] {
  const others = guest.identities.filter((known) => known.channel === channel && !known.canonical);
  return [address, ...others.map((known) => known.address).filter((name) => name !== address)];
}

/**
 * The identities with what the network has shown, or null when that adds nothing. Addresses that come together name one account,
 * the first is its canonical name. A lone address says nothing about names that are already known: a `lid:` does not hide a number.
 */
export function withAddresses(guest: Guest, channel: string, addresses: readonly string[]): Guest['identities'] | null {
  const known = guest.identities.filter((identity) => identity.channel === channel).map((identity) => identity.address);
  const missing = addresses.filter((address) => !known.includes(address));
  const accounts = accountsOn(guest, channel);
  const after = accountsAfter(accounts, addresses);
  if (
    missing.length === 0 &&
    after.length === accounts.length &&
    after.every((address) => accounts.includes(address))
  ) {
    return null;
  }
  const added = missing.map((address) => ({ channel, address, canonical: false }));
  return [...guest.identities, ...added].map((identity) =>
    identity.channel === channel ? { ...identity, canonical: after.includes(identity.address) } : identity,
  );
}

/** `from` as a part of `into`; what both have stays as `into` has it. */
export function combineGuests(into: Guest, from: Guest, time: string): Guest {
  const notes = [into.notes, from.notes].filter((text) => text !== null);
  const times = [into.lastInboundAt, from.lastInboundAt].filter((text) => text !== null);
  return {
    ...into,
    displayName: into.displayName ?? from.displayName,
    language: into.language ?? from.language,
    consent: strictest(into.consent, from.consent),
    notes: notes.length === 0 ? null : notes.join('\n'),
    identities: [...into.identities, ...from.identities],
    lastInboundAt: times.sort().at(-1) ?? null,
    updatedAt: time,
  };
}

/** Whoever asked for silence under one of his names has asked for it; otherwise the later wish counts. */
function strictest(one: Guest['consent'], other: Guest['consent']): Guest['consent'] {
  if (one === null || other === null) return one ?? other;
  if (one.state !== other.state) return one.state === 'opted_out' ? one : other;
  return one.since > other.since ? one : other;
}

function accountsOn(guest: Guest, channel: string): readonly string[] {
  return guest.identities.filter((known) => known.channel === channel && known.canonical).map((known) => known.address);
}

function accountsAfter(accounts: readonly string[], addresses: readonly string[]): readonly string[] {
  const first = addresses[0];
  if (first === undefined || (addresses.length === 1 && accounts.length > 0)) return accounts;
  const named = accounts.filter((address) => addresses.includes(address));
  // A new number beside a known LID: the person has changed numbers. With several accounts nobody knows which of them.
  const replaced = named.length === 0 && accounts.length === 1 ? accounts : named;
  return [...accounts.filter((address) => !replaced.includes(address)), first];
}
