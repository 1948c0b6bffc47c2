import type { ClientVersion, ConnectorManifest } from '../connector-api/index.ts';
import type { StoredVersion } from './ports/index.ts';
import type { VersionFacts } from './version-facts.ts';
import { isProven, newVersion } from './version-facts.ts';

type Order = NonNullable<ConnectorManifest['versionOrder']>;

export interface VersionList {
  /** Newest first. */
  readonly rungs: readonly VersionFacts[];
  readonly wanted: ClientVersion;
}

/**
 * The ladder of a channel: what the connector lists, in its order, and between it what the operator, the network or an earlier
 * release knew. Undefined where the channel knows no versions. Pure.
 */
export function listVersions(input: {
  readonly listed: readonly ClientVersion[];
  readonly shipped: readonly ClientVersion[];
  readonly order: Order | undefined;
  readonly stored: readonly StoredVersion[];
}): VersionList | undefined {
  const { listed, shipped, order, stored } = input;
  const [newest] = listed;
  if (newest === undefined) return undefined;
  const remembered = new Map(stored.map((each) => [each.version, each]));
  let rungs: readonly VersionFacts[] = listed.map((version) => ({
    ...newVersion(version, 'shipped'),
    ...remembered.get(version),
    origin: shipped.includes(version) ? 'shipped' : 'operator',
  }));
  for (const facts of stored) {
    if (!listed.includes(facts.version) && isUsable(facts)) rungs = insert(rungs, asExtra(facts), order);
  }
  const pinned = rungs.find((facts) => facts.pinned);
  // What the network publishes is believed once it has been accepted, not before.
  const live = rungs.find((facts) => facts.version === newest || (facts.origin === 'live' && isProven(facts)));
  return { rungs, wanted: (pinned ?? live)?.version ?? newest };
}

/** A version of an earlier release or configuration is worth trying only if it has worked. */
function isUsable(facts: VersionFacts): boolean {
  return facts.pinned || facts.origin === 'live' || facts.lastWorkedAt !== null;
}

function asExtra(facts: StoredVersion): VersionFacts {
  return { ...facts, origin: facts.origin === 'shipped' ? 'learnt' : facts.origin };
}

/** In its place by the connector's order; left out where the connector cannot announce it. */
function insert(
  rungs: readonly VersionFacts[],
  extra: VersionFacts,
  order: Order | undefined,
): readonly VersionFacts[] {
  const numbers = order?.(extra.version);
  if (order === undefined || numbers === undefined) return rungs;
  const place = rungs.findIndex(({ version }) => compare(order(version) ?? [], numbers) < 0);
  return place === -1 ? [...rungs, extra] : [...rungs.slice(0, place), extra, ...rungs.slice(place)];
}

/** Positive when `one` is the newer. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
