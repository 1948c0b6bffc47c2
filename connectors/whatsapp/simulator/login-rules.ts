import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Lines, Target } from './lines.ts';
import { EVERYONE } from './lines.ts';
import { node } from './wire/stanza.ts';

export type ClientVersion = readonly [number, number, number];

/** Versions the server takes, both ends included; an absent end is open. */
export interface VersionRange {
  readonly oldest?: ClientVersion;
  readonly newest?: ClientVersion;
}

/** How a temporary ban is announced. */
export interface TemporaryBan {
  /** 101 to 106 have been seen; they name the reason. */
  readonly code: number;
  readonly expireSeconds: number;
}

type Rule =
  | { readonly kind: 'versions'; readonly target: Target; readonly range: VersionRange }
  | { readonly kind: 'failure'; readonly target: Target; readonly failure: BinaryNode; readonly until?: number };

/** Standing reasons to refuse a login. Later rules do not replace earlier ones; {@link lift} takes them away. */
export class LoginRules {
  readonly #clock: Clock;
  readonly #lines: Lines;
  #rules: Rule[] = [];

  constructor(deps: { clock: Clock; lines: Lines }) {
    this.#clock = deps.clock;
    this.#lines = deps.lines;
  }

  /** Clients of another version are refused with 405, when they register as when they log in. */
  acceptVersions(range: VersionRange, target: Target = EVERYONE): void {
    this.#rules = this.#rules.filter((rule) => rule.kind !== 'versions' || rule.target !== target);
    this.#rules.push({ kind: 'versions', target, range });
  }

  /** Every login ends with this `<failure>`, for good or until `until` (milliseconds since the epoch). */
  refuse(target: Target, failure: BinaryNode, until?: number): void {
    this.#rules.push({ kind: 'failure', target, failure, ...(until === undefined ? {} : { until }) });
  }

  lift(target: Target): void {
    this.#rules = this.#rules.filter((rule) => rule.target !== target && target !== EVERYONE);
  }

  /** Why this login is refused, as the last stanza; undefined lets it in. `deviceJid` is undefined for a registration. */
  verdict(deviceJid: string | undefined, version: ClientVersion): BinaryNode | undefined {
    for (const rule of this.#rules) {
      if (!this.#lines.isMeant(rule.target, deviceJid)) continue;
      if (rule.kind === 'versions') {
        if (!isWithin(version, rule.range)) return node('failure', { reason: '405', location: 'simulator' });
      } else if (rule.until === undefined || this.#clock.now() < rule.until) {
        return rule.failure;
      }
    }
    return undefined;
  }
}

function isWithin(version: ClientVersion, { oldest, newest }: VersionRange): boolean {
  return (
    (oldest === undefined || compare(version, oldest) >= 0) && (newest === undefined || compare(version, newest) <= 0)
  );
}

function compare(left: ClientVersion, right: ClientVersion): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
