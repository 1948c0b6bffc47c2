import type { DisconnectKind } from '../../src/connector-api/index.ts';
import type { UserAction } from '../../src/engine/model/session.ts';

/** What Bellhop may do about a fault. */
export const responses = [
  'carries on',
  'retries alone',
  'waits, then retries',
  'tries other versions',
  'stops',
] as const;
export type Response = (typeof responses)[number];

/** What somebody who knows the protocol would accept; several entries where such people differ. */
export interface Label {
  /** Null: no end that the network brought about. */
  readonly kinds: readonly (DisconnectKind | null)[];
  readonly responses: readonly Response[];
  readonly person: readonly UserAction[];
  /** Once the fault is lifted: connected again without anybody, or no attempt until somebody acts. */
  readonly after: 'connected' | 'stopped' | 'not looked at';
  /** With `waits, then retries`: no attempt before so long; ms. */
  readonly waitMs?: number;
  /** A line that carries on has to have asked the network again meanwhile. */
  readonly asksAgain?: boolean;
  /** It ends before the network has heard which client this is: to announce another one would be wrong. */
  readonly keepsVersion?: boolean;
  /** Connected again so long after the fault was lifted; ms. Absent = a quarter of an hour, or half as long again as `waitMs`. */
  readonly backWithinMs?: number;
}

/** One fault with its label, which was written from the source and before the first run. */
export interface Fault<Stage> {
  readonly id: string;
  /** `connecting`: strikes every attempt until it is lifted. `connected`: strikes a line that is up. */
  readonly phase: 'connecting' | 'connected';
  readonly label: Label;
  readonly source: string;
  /** The fault is that nothing comes: time has to pass. */
  readonly isSilent?: boolean;
  /** It lasts for so many ends; absent = as long as it takes to see that attempts go on. */
  readonly lastsEnds?: number;
  /** The account and its link, or the whole network, are of no use to a later fault. */
  readonly spoils?: 'account' | 'network';
  inject(stage: Stage): void | Promise<void>;
  /** Besides what the stage puts right by itself. */
  lift?(stage: Stage): void | Promise<void>;
}

/** A label that was changed after a run had shown another answer, and why the other answer is right. */
export interface LabelChange {
  readonly id: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

type Kinds = readonly [DisconnectKind, ...DisconnectKind[]];

const alone: readonly UserAction[] = ['none', 'wait'];

/** Nobody is needed: it tries until it works. */
export const retries = (...kinds: Kinds): Label => ({
  kinds,
  responses: ['retries alone'],
  person: alone,
  after: 'connected',
});

/** As `retries`, of a network that was never reached. */
export const retriesUnreached = (...kinds: Kinds): Label => ({ ...retries(...kinds), keepsVersion: true });

/** As `retries`; that a person is advised to look for a newer release is right too, for nobody knows what it is. */
export const retriesUnknown = (...kinds: Kinds): Label => ({
  ...retries(...kinds),
  person: [...alone, 'upgrade', 'open_app'],
});

/** The network told how long. */
export const waits = (waitMs: number, ...kinds: Kinds): Label => ({
  kinds,
  responses: ['waits, then retries'],
  person: [...alone, 'open_app'],
  after: 'connected',
  waitMs,
});

/** The client is refused or cannot be understood: another one may work. */
export const otherVersions = (...kinds: Kinds): Label => ({
  kinds,
  responses: ['tries other versions'],
  person: [...alone, 'upgrade'],
  after: 'connected',
});

/** Nothing helps but a person. */
export const stops = (kinds: Kinds, ...person: readonly [UserAction, ...UserAction[]]): Label => ({
  kinds,
  responses: ['stops'],
  person,
  after: 'stopped',
});

/** The line need not end at all; if it does, it comes back by itself. */
export const survives = (...kinds: Kinds): Label => ({
  kinds,
  responses: ['carries on', 'retries alone'],
  person: alone,
  after: 'connected',
});

/** Attempts over which waits grow to their longest, and in which a client that gives up would have given up. */
const HOURS_OF_ENDS = 40;

/** Refused for hours in every version, a client need not ask again for half an hour, and then begins a round. Ms. */
const VERSIONS_BACK_MS = 45 * 60_000;

/** The same fault, that does not pass. */
export const forHours = <Stage>(fault: Fault<Stage>, lastsEnds = HOURS_OF_ENDS): Fault<Stage> => ({
  ...fault,
  id: `${fault.id}-for-hours`,
  label: fault.label.responses.includes('tries other versions')
    ? { ...fault.label, backWithinMs: VERSIONS_BACK_MS }
    : fault.label,
  lastsEnds,
});

/** Picks faults out of a list. Throws on one that is not there. */
export const named = <Stage>(faults: readonly Fault<Stage>[], ...ids: readonly string[]): readonly Fault<Stage>[] =>
  ids.map((id) => {
    const found = faults.find((fault) => fault.id === id);
    if (found === undefined) throw new Error(`no fault ${id}`);
    return found;
  });
