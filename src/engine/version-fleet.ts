import type { ClientVersion, DisconnectCause } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Telemetry } from './ports/index.ts';
import type { LadderAdvice, OldVersion } from './version-advice.ts';
import type { VersionFacts } from './version-facts.ts';
import type { Ladder, VersionAttempt, VersionTurn } from './version-ladder.ts';
import {
  abandonSearch,
  extendLadder,
  openLadder,
  reopenLadder,
  takeTurn,
  versionRefused,
  versionSilent,
  versionWorked,
} from './version-ladder.ts';
import type { Member } from './version-member.ts';
import { newMember } from './version-member.ts';

/** Sessions that waited for an accepted version come one after the other; between two of them on average; ms. */
const WAKE_SPACING_MS = 40;
/** An error of the protocol while others are well with the same version is the session's own trouble; as many attempts in silence. */
const OWN_TROUBLE_SILENCES = 3;

export interface FleetDeps {
  readonly channel: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Pick<Telemetry, 'versionTried' | 'versionDegraded'>;
  readonly log: Logger;
  /** A search for an accepted version begins. Must not throw. */
  readonly onSearch: () => void;
  /** Keeps what was learnt. Must not throw. */
  readonly remember: (facts: VersionFacts) => void;
}

/**
 * The sessions of one channel and the ladder that they share. One session at a time tries something out; the others go with what
 * is known, or wait. Decides nothing itself: see `version-ladder.ts`. Synchronous; used by the sessions' runners.
 */
export class VersionFleet {
  readonly #deps: FleetDeps;
  readonly #members = new Map<string, Member>();
  #ladder: Ladder;
  /** The session that tries something out. */
  #probe: string | undefined;

  constructor(deps: FleetDeps & { rungs: readonly VersionFacts[]; wanted: ClientVersion }) {
    this.#deps = deps;
    this.#ladder = openLadder(deps.rungs, deps.wanted, deps.clock.now());
    this.#tell();
  }

  get ladder(): Ladder {
    return this.#ladder;
  }

  /** How many sessions are connected with it. */
  usersOf(version: ClientVersion): number {
    return [...this.#members.values()].filter(({ isUp, attempt }) => isUp && attempt?.version === version).length;
  }

  /** The operator has changed the versions: a search starts anew, at once. */
  reopen(rungs: readonly VersionFacts[], wanted: ClientVersion): void {
    this.#ladder = reopenLadder(this.#ladder, rungs, wanted, this.#deps.clock.now());
    for (const member of this.#members.values()) member.isOutcast = false;
    this.#tell();
    const probe = this.#probe === undefined ? undefined : this.#members.get(this.#probe);
    if (probe?.isUp !== true) this.#rouse(probe);
  }

  /** Versions that came to be known; what is under way goes on. */
  extend(rungs: readonly VersionFacts[], wanted: ClientVersion): void {
    this.#ladder = extendLadder(this.#ladder, rungs, wanted);
    this.#tell();
  }

  /** Asked just before an attempt to connect; the same answer when asked again. */
  ask(sessionId: string): VersionTurn {
    const member = this.#member(sessionId);
    const isFree = this.#probe === undefined || this.#probe === sessionId;
    const mayProbe = isFree && (!member.isOutcast || this.#ladder.search !== null);
    const turn = takeTurn(this.#ladder, { mayProbe, silences: member.silences }, this.#deps.clock.now());
    if (turn.do === 'wait') {
      if (turn.until !== null) this.#probe = sessionId;
      return turn;
    }
    if (turn.role !== 'follower') this.#probe = sessionId;
    if (turn.role === 'canary') member.isOutcast = false;
    member.attempt = { version: turn.version, role: turn.role };
    member.wake = undefined;
    return turn;
  }

  /** `wake` is called once when there is something to try, or nothing to wait for any more. */
  wait(sessionId: string, wake: () => void): void {
    const member = this.#member(sessionId);
    member.wake = wake;
    const { search } = this.#ladder;
    // What it would wait for has happened since it asked.
    if (search === null || (this.#probe === undefined && this.#deps.clock.now() >= search.notBefore))
      this.#rouse(member, WAKE_SPACING_MS);
  }

  /** The network accepted the session. */
  worked(sessionId: string): void {
    const member = this.#member(sessionId);
    member.isUp = true;
    member.isOutcast = false;
    member.silences = 0;
    const { attempt } = member;
    if (attempt === undefined) return;
    if (attempt.role !== 'follower') this.#deps.telemetry.versionTried(this.#deps.channel, 'accepted');
    member.attempt = { version: attempt.version, role: 'follower' };
    this.#become(versionWorked(this.#ladder, attempt, this.#deps.clock.now()));
    this.#release(sessionId);
  }

  /** The attempt or the connection ended. Undefined: the cause is no matter of versions. */
  ended(sessionId: string, cause: DisconnectCause): LadderAdvice | undefined {
    const member = this.#member(sessionId);
    const wasUp = member.isUp;
    member.isUp = false;
    member.wake = undefined;
    const { attempt } = member;
    if (attempt === undefined || member.isOutcast) return undefined;
    const kind = cause.anyVersion === true ? 'any_version' : cause.kind;
    switch (kind) {
      case 'client_outdated':
        return this.#refused(sessionId, attempt, kind);
      case 'protocol_changed':
        if (this.usersOf(attempt.version) === 0) return this.#refused(sessionId, attempt, kind);
        member.silences += OWN_TROUBLE_SILENCES;
        break;
      case 'network':
      case 'unknown':
        if (wasUp) break;
        member.silences += 1;
        this.#become(versionSilent(this.#ladder, attempt.version, this.#deps.clock.now()));
        break;
      case 'restart_required':
        return undefined; // at once, with the same version
      case 'replaced':
      case 'restricted':
      case 'logged_out':
      case 'banned':
      case 'any_version':
        break;
    }
    if (attempt.role !== 'follower' && !wasUp) this.#deps.telemetry.versionTried(this.#deps.channel, 'unclear');
    this.#release(sessionId);
    return undefined;
  }

  /** A login, which no turn is needed for: a person waits. It tells as much about a version as a connection does. */
  loginWorked(sessionId: string, version: ClientVersion): void {
    this.#become(versionWorked(this.#ladder, { version, role: 'follower' }, this.#deps.clock.now()));
    this.#release(sessionId);
  }

  loginRefused(sessionId: string, version: ClientVersion): LadderAdvice {
    return this.#refused(sessionId, { version, role: 'follower' }, 'client_outdated');
  }

  /** The session is stopped or gone: what it tried out is another's turn. */
  leave(sessionId: string): void {
    this.#members.delete(sessionId);
    this.#release(sessionId);
  }

  /** Null when the version is as new as it should be, or none of the ladder. */
  standing(version: ClientVersion): OldVersion | null {
    const { rungs, wanted } = this.#ladder;
    const versions = rungs.map((facts) => facts.version);
    if (versions.indexOf(version) <= versions.indexOf(wanted)) return null;
    return { version, wanted, since: rungs.find((facts) => facts.version === wanted)?.failingSince ?? null };
  }

  #refused(sessionId: string, attempt: VersionAttempt, kind: 'client_outdated' | 'protocol_changed'): LadderAdvice {
    const { clock, random, telemetry, channel } = this.#deps;
    telemetry.versionTried(channel, 'refused');
    this.#become(versionRefused(this.#ladder, { ...attempt, kind }, clock.now(), random));
    const { search, current } = this.#ladder;
    if (search === null) {
      this.#release(sessionId);
      return { do: 'step', version: current, afterMs: Math.round(WAKE_SPACING_MS * random.next()) };
    }
    this.#probe ??= sessionId;
    if (this.#probe !== sessionId) return { do: 'wait' };
    const afterMs = Math.max(0, search.notBefore - clock.now());
    if (search.tried.length > 0) return { do: 'step', version: current, afterMs };
    const inUse = this.#ladder.rungs.find(({ version }) => this.usersOf(version) > 0);
    if (inUse !== undefined) {
      this.#member(sessionId).isOutcast = true;
      this.#become(abandonSearch(this.#ladder, inUse.version, clock.now()));
    }
    this.#release(sessionId); // Should it be the account that is refused: another session makes the next round.
    return { do: 'rest', version: current, afterMs };
  }

  #become(next: Ladder): void {
    const before = this.#ladder;
    if (next === before) return;
    this.#ladder = next;
    for (const facts of next.rungs) if (!before.rungs.includes(facts)) this.#deps.remember(facts);
    if (next.search !== null && next.search.round !== before.search?.round) {
      this.#log('client version refused, looking for another');
      this.#deps.onSearch();
    }
    if (next.current !== before.current) this.#log('client version of the channel changes', before.current);
    this.#tell();
    if (next.search === null && before.search !== null) {
      const waiting = [...this.#members.values()].filter((member) => member.wake !== undefined);
      for (const member of waiting) this.#rouse(member, waiting.length * WAKE_SPACING_MS);
    }
  }

  #log(text: string, from?: ClientVersion): void {
    const { current: to, wanted } = this.#ladder;
    const { channel, log } = this.#deps;
    log.warn(text, { channel, to, wanted, ...(from === undefined ? {} : { from }) });
  }

  /** It tries nothing out any more; while no version is known, another does. */
  #release(sessionId: string): void {
    if (this.#probe !== sessionId) return;
    this.#probe = undefined;
    if (this.#ladder.search !== null) this.#rouse([...this.#members.values()].find(({ wake }) => wake !== undefined));
  }

  #rouse(member: Member | undefined, withinMs = 0): void {
    const wake = member?.wake;
    if (member === undefined || wake === undefined) return;
    member.wake = undefined;
    this.#deps.clock.after(Math.round(withinMs * this.#deps.random.next()), wake);
  }

  #tell(): void {
    const { channel, telemetry } = this.#deps;
    const { search, current } = this.#ladder;
    const isDegraded = search !== null || this.standing(current) !== null;
    telemetry.versionDegraded(channel, isDegraded, search === null ? 0 : search.round - 1);
  }

  #member(sessionId: string): Member {
    const known = this.#members.get(sessionId);
    if (known !== undefined) return known;
    const member = newMember();
    this.#members.set(sessionId, member);
    return member;
  }
}
