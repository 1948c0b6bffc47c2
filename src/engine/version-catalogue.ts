import type { ClientVersion, ConnectorManifest } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { toTimestamp } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { ClientVersionView } from './model/client-version.ts';
import type { Store, StoredVersion, Telemetry, VersionNetwork } from './ports/index.ts';
import type { VersionFacts } from './version-facts.ts';
import { newVersion } from './version-facts.ts';
import { VersionFleet } from './version-fleet.ts';
import type { VersionList } from './version-list.ts';
import { listVersions } from './version-list.ts';

/** A page that names the newest version is asked this seldom; ms. */
const LOOK_UP_EVERY_MS = 10 * 60_000;
/** And waited for this long; ms. */
const LOOK_UP_TIMEOUT_MS = 10_000;
/** A version that goes on working is written down this often; ms. */
const WORKED_EVERY_MS = 60_000;

export interface CatalogueDeps {
  readonly store: Store;
  readonly manifests: ReadonlyMap<string, ConnectorManifest>;
  /** `channels.<channel>` of the configuration, by channel. */
  readonly channelConfigs: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly log: Logger;
}

/** The client versions of every channel: what is known of them, kept in the store, and the fleets that use them. */
export class VersionCatalogue {
  readonly #deps: CatalogueDeps;
  readonly #fleets = new Map<string, VersionFleet>();
  readonly #lookedUpAt = new Map<string, number>();
  #stored: readonly StoredVersion[] = [];

  constructor(deps: CatalogueDeps) {
    this.#deps = deps;
  }

  /** Before the first session runs. A store that cannot be read now rejects like every other operation. */
  async start(): Promise<void> {
    this.#stored = await this.#deps.store.listClientVersions();
    for (const channel of this.#deps.manifests.keys()) {
      const list = this.#list(channel);
      if (list !== undefined) this.#fleets.set(channel, this.#makeFleet(channel, list));
    }
  }

  /** Undefined where the channel, or accounts of this kind, know no versions. */
  fleet(channel: string, accountKind?: string): VersionFleet | undefined {
    const listed = accountKind === undefined ? undefined : this.#listed(channel, accountKind);
    return listed?.length === 0 ? undefined : this.#fleets.get(channel);
  }

  /** What `GET /v1/sessions` shows of a channel's versions; undefined before the start. */
  facts(channel: string): { readonly versions: readonly ClientVersion[]; readonly wanted: ClientVersion } | undefined {
    const ladder = this.#fleets.get(channel)?.ladder;
    return ladder && { versions: ladder.rungs.map(({ version }) => version), wanted: ladder.wanted };
  }

  /** Newest first, channel by channel. */
  view(channel?: string): readonly ClientVersionView[] {
    return [...this.#fleets]
      .filter(([name]) => channel === undefined || name === channel)
      .flatMap(([name, fleet]) => fleet.ladder.rungs.map((facts) => toView(name, fleet, facts)));
  }

  /**
   * Has the sessions of the channel prefer this version, also one that is not on the ladder yet. Rejects with `not_found` for a
   * channel without versions, and `invalid_request` for a version that this release cannot announce.
   */
  async pin(channel: string, version: ClientVersion): Promise<ClientVersionView> {
    const fleet = this.#require(channel);
    const known = fleet.ladder.rungs.find((facts) => facts.version === version);
    if (known === undefined && this.#deps.manifests.get(channel)?.versionOrder?.(version) === undefined)
      throw new BellhopError('invalid_request', {
        pointer: 'version',
        detail: 'This release cannot announce such a version on this channel.',
      });
    const facts = { ...(known ?? newVersion(version, 'operator')), pinned: true };
    await this.#deps.store.saveClientVersion(this.#toStored(channel, facts));
    return this.#reload(channel, facts);
  }

  /** Rejects with `not_found`. */
  async unpin(channel: string, version: ClientVersion): Promise<ClientVersionView> {
    const facts = { ...this.#requireVersion(channel, version), pinned: false };
    const stored = this.#toStored(channel, facts);
    // A version that only the pin brought stays a candidate if it has worked.
    const isOver = facts.lastWorkedAt === null && !this.#listed(channel).includes(version);
    await (isOver ? this.#deps.store.forgetClientVersion(stored) : this.#deps.store.saveClientVersion(stored));
    return this.#reload(channel, facts);
  }

  /** Forgets when it worked and failed; one that is not listed by release or configuration goes entirely. Rejects with `not_found`. */
  async forget(channel: string, version: ClientVersion): Promise<void> {
    const facts = this.#requireVersion(channel, version);
    await this.#deps.store.forgetClientVersion(this.#toStored(channel, facts));
    await this.#reload(channel, facts);
  }

  /** `facts`: what to answer when the version is no longer on the ladder. */
  async #reload(channel: string, facts: VersionFacts): Promise<ClientVersionView> {
    const fleet = this.#require(channel);
    this.#stored = await this.#deps.store.listClientVersions();
    const list = this.#list(channel);
    if (list !== undefined) fleet.reopen(list.rungs, list.wanted);
    return toView(channel, fleet, fleet.ladder.rungs.find(({ version }) => version === facts.version) ?? facts);
  }

  #require(channel: string): VersionFleet {
    const fleet = this.#fleets.get(channel);
    if (fleet === undefined) throw new BellhopError('not_found', { detail: 'This channel knows no client versions.' });
    return fleet;
  }

  #requireVersion(channel: string, version: ClientVersion): VersionFacts {
    const facts = this.#require(channel).ladder.rungs.find((each) => each.version === version);
    if (facts === undefined) throw new BellhopError('not_found', { detail: 'There is no such client version.' });
    return facts;
  }

  #makeFleet(channel: string, list: VersionList): VersionFleet {
    return new VersionFleet({
      ...this.#deps,
      ...list,
      channel,
      onSearch: () => void this.#lookUp(channel),
      remember: (facts) => void this.#remember(channel, facts),
    });
  }

  /** Asks what the network publishes, where it does. The answer is one more candidate. Never rejects. */
  async #lookUp(channel: string): Promise<void> {
    const { clock, log, manifests, channelConfigs, store } = this.#deps;
    const now = clock.monotonic();
    if (now - (this.#lookedUpAt.get(channel) ?? Number.NEGATIVE_INFINITY) < LOOK_UP_EVERY_MS) return;
    this.#lookedUpAt.set(channel, now);
    const late = new AbortController();
    const timer = clock.after(LOOK_UP_TIMEOUT_MS, () => late.abort());
    try {
      const version = await manifests.get(channel)?.liveVersion?.(channelConfigs.get(channel), { signal: late.signal });
      const isNew = !this.#stored.some((each) => each.channel === channel && each.version === version);
      if (version === undefined || !isNew || this.#listed(channel).includes(version)) return;
      log.info('the network publishes a client version that is new here', { channel, version });
      await store.saveClientVersion(this.#toStored(channel, newVersion(version, 'live')));
      this.#stored = await store.listClientVersions();
      this.#extend(channel);
    } catch (error) {
      log.info('the newest client version could not be looked up', {
        channel,
        error: error instanceof Error ? error : String(error),
      });
    } finally {
      timer.cancel();
    }
  }

  #extend(channel: string): void {
    const list = this.#list(channel);
    if (list !== undefined) this.#fleets.get(channel)?.extend(list.rungs, list.wanted);
  }

  /** Never rejects: what cannot be written is known in memory, and learnt again after a restart. */
  async #remember(channel: string, facts: VersionFacts): Promise<void> {
    const stored = this.#toStored(channel, facts);
    const before = this.#stored.find((each) => isSame(each, stored));
    if (before !== undefined && isOldNews(before, stored)) return;
    this.#stored = [...this.#stored.filter((each) => !isSame(each, stored)), stored];
    // What the network published has been accepted now, or is refused: it counts as the newest, or no more.
    if (facts.origin === 'live') this.#extend(channel);
    try {
      await this.#deps.store.saveClientVersion(stored);
    } catch (error) {
      this.#deps.log.warn('what was learnt of a client version is not stored', {
        channel,
        version: facts.version,
        error: error instanceof Error ? error : String(error),
      });
    }
  }

  #list(channel: string): VersionList | undefined {
    const manifest = this.#deps.manifests.get(channel);
    const network = this.#network(channel);
    return listVersions({
      listed: this.#listed(channel),
      shipped: manifest?.shippedVersions ?? [],
      order: manifest?.versionOrder && ((version) => manifest.versionOrder?.(version)),
      stored: this.#stored.filter((each) => each.channel === channel && each.network === network),
    });
  }

  #listed(channel: string, accountKind?: string): readonly ClientVersion[] {
    const config = this.#deps.channelConfigs.get(channel);
    return this.#deps.manifests.get(channel)?.clientVersions?.(config ?? {}, accountKind) ?? [];
  }

  #network(channel: string): VersionNetwork {
    const config = this.#deps.channelConfigs.get(channel);
    return this.#deps.manifests.get(channel)?.isPrivateEndpoint(config ?? {}) === true ? 'private' : 'public';
  }

  #toStored(channel: string, facts: VersionFacts): StoredVersion {
    return { ...facts, channel, network: this.#network(channel) };
  }
}

function isSame(one: StoredVersion, other: StoredVersion): boolean {
  return one.channel === other.channel && one.network === other.network && one.version === other.version;
}

/** Nothing but a later time of the same success. */
function isOldNews(before: StoredVersion, after: StoredVersion): boolean {
  return (
    before.failingSince === after.failingSince &&
    before.lastFailedAt === after.lastFailedAt &&
    before.lastWorkedAt !== null &&
    (after.lastWorkedAt ?? 0) - before.lastWorkedAt < WORKED_EVERY_MS
  );
}

function toView(channel: string, fleet: VersionFleet, facts: VersionFacts): ClientVersionView {
  const { wanted, current } = fleet.ladder;
  const time = (at: number | null): string | null => (at === null ? null : toTimestamp(at));
  return {
    channel,
    version: facts.version,
    origin: facts.origin,
    wanted: facts.version === wanted,
    current: facts.version === current,
    pinned: facts.pinned,
    sessions: fleet.usersOf(facts.version),
    firstWorkedAt: time(facts.firstWorkedAt),
    lastWorkedAt: time(facts.lastWorkedAt),
    firstFailedAt: time(facts.firstFailedAt),
    lastFailedAt: time(facts.lastFailedAt),
    failingSince: time(facts.failingSince),
  };
}
