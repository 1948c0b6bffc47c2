import type { DisconnectKind } from '../../src/connector-api/index.ts';
import { sleep, systemClock } from '../../src/core/clock.ts';
import type { Session, StateReason, TimelineEntry, UserAction } from '../../src/engine/model/session.ts';
import type { Fault } from './fault.ts';
import type { CorpusHouse } from './house.ts';
import type { Stage } from './stage.ts';

/** Real time between two looks; ms. */
const LOOK_MS = 4;
/** As long as a fault is nothing but silence, so much passes with each look; ms. Ends within a few seconds of real time. */
const SILENT_STEP_MS = 500;
/** Attempts that show that it goes on trying. */
const FALLS_SEEN = 5;
/** So long a line that need not fall is looked at; by its own clock, ms. */
const CARRIES_ON_MS = 20_000;
const SILENCE_FOUND_MS = 30 * 60_000;
/** Real time, for a busy machine; ms. */
const LIMIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const UP: ReadonlySet<string> = new Set(['connected', 'degraded']);
const FINAL: ReadonlySet<string> = new Set(['logged_out', 'banned', 'stopped', 'unlinked']);

/** What Bellhop made of one fault. */
export interface Observation {
  readonly kinds: readonly (DisconnectKind | null)[];
  readonly codes: readonly string[];
  readonly state: string;
  /** What a person is asked for in the end, and everything that one was asked for. */
  readonly action: UserAction;
  readonly actions: readonly UserAction[];
  readonly falls: number;
  /** The shortest wait before another attempt that the first three ends brought; ms. Null where it stopped, or never fell. */
  readonly firstWaitMs: number | null;
  readonly versions: readonly string[];
  /** Connections that the network saw while the fault was there, and the time by the engine's clock. */
  readonly knocks: number;
  readonly elapsedMs: number;
  /** Once the fault was gone: until it was connected again, by the engine's clock; null if it was not. */
  readonly backAfterMs: number | null;
  /** Once the fault was gone: connections that the network saw in the hour after, of a session that waits for a person. */
  readonly knocksWhileStopped: number;
  readonly stateAfter: string;
  /** Errors that nobody caught: each would end the process of the session. */
  readonly crashes: readonly string[];
}

/** A connector's process survives these, and logs them. */
const ignore = (): void => undefined;

/** Strikes with a fault and looks on. Rejects when the stage itself does not work. */
export async function observe<S extends Stage>(stage: S, fault: Fault<S>): Promise<Observation> {
  const crashes: string[] = [];
  const crash = (error: unknown): void => void crashes.push(error instanceof Error ? error.message : String(error));
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', ignore);
  await stage.mend();
  if (fault.phase === 'connecting') await fault.inject(stage);
  const house = await stage.open();
  try {
    if (fault.phase === 'connected') {
      await until(house, ({ state }) => UP.has(state), 'was not connected to begin with');
      await fault.inject(stage);
    }
    return { ...(await watch(stage, house, fault)), crashes };
  } finally {
    await stage.mend();
    await house.stop();
    process.off('uncaughtException', crash);
    process.off('unhandledRejection', ignore);
  }
}

async function watch<S extends Stage>(
  stage: S,
  house: CorpusHouse,
  fault: Fault<S>,
): Promise<Omit<Observation, 'crashes'>> {
  const { clock } = stage;
  const begun = { at: clock.monotonic(), wall: clock.now(), knocks: stage.knocks() };
  await pass(stage, house, fault, begun.wall);
  const session = await house.session();
  const falls = await fallsOf(house, begun.wall);
  const reasons = falls.flatMap(({ reason }) => (reason === null ? [] : [reason]));
  const seen = {
    kinds: reasons.map(({ kind }) => kind),
    codes: [...new Set(reasons.map(({ code }) => code))],
    state: session.state,
    action: session.reason?.action ?? reasons.at(-1)?.action ?? ('none' as const),
    actions: [...new Set(reasons.map(({ action }) => action))],
    falls: falls.length,
    firstWaitMs: firstWaitOf(falls),
    versions: versionsOf(await house.timeline(), session),
    knocks: stage.knocks() - begun.knocks,
    elapsedMs: clock.monotonic() - begun.at,
  };
  await fault.lift?.(stage);
  await stage.mend();
  return { ...seen, ...(await afterwards(stage, house, fault)) };
}

/** Lets time pass until it is clear what Bellhop does. */
async function pass<S extends Stage>(stage: S, house: CorpusHouse, fault: Fault<S>, since: number): Promise<void> {
  const { clock } = stage;
  const endAt = systemClock.monotonic() + LIMIT_MS;
  const begunAt = clock.monotonic();
  const knocks = stage.knocks();
  const mayCarryOn = fault.label.responses.includes('carries on');
  while (systemClock.monotonic() < endAt) {
    const session = await house.session();
    if (FINAL.has(session.state)) return;
    const falls = await fallsOf(house, since);
    const isUp = UP.has(session.state);
    if (falls.length >= (fault.lastsEnds ?? FALLS_SEEN)) return;
    if (isUp && falls.length > 0 && !strikesAgain(fault)) return;
    if (isUp && fault.phase === 'connecting' && falls.length === 0 && mayCarryOn) return;
    const owesQuestion = fault.label.asksAgain === true && stage.knocks() === knocks;
    const isLong = clock.monotonic() - begunAt > CARRIES_ON_MS;
    if (isUp && falls.length === 0 && mayCarryOn && isLong && !owesQuestion) return;
    if (isUp && falls.length === 0 && clock.monotonic() - begunAt > SILENCE_FOUND_MS) return;
    if (session.state === 'backing_off') await skipTo(stage, session.reason);
    else if (fault.isSilent === true || (isUp && mayCarryOn)) await clock.skip(SILENT_STEP_MS);
    await sleep(systemClock, LOOK_MS);
  }
}

/** A rival or a flapping line comes back after each connection. */
const strikesAgain = ({ label }: Pick<Fault<never>, 'label'>): boolean => label.after === 'stopped';

async function afterwards<S extends Stage>(stage: S, house: CorpusHouse, fault: Fault<S>) {
  const { clock } = stage;
  const at = clock.monotonic();
  const knocks = stage.knocks();
  if (fault.label.after === 'stopped') {
    await clock.skip(HOUR_MS);
    await sleep(systemClock, LOOK_MS);
    const { state } = await house.session();
    return { backAfterMs: null, knocksWhileStopped: stage.knocks() - knocks, stateAfter: state };
  }
  const endAt = systemClock.monotonic() + LIMIT_MS;
  while (fault.label.after === 'connected' && systemClock.monotonic() < endAt) {
    const session = await house.session();
    if (UP.has(session.state)) {
      return { backAfterMs: clock.monotonic() - at, knocksWhileStopped: 0, stateAfter: session.state };
    }
    if (FINAL.has(session.state)) break;
    if (session.state === 'backing_off') await skipTo(stage, session.reason);
    await sleep(systemClock, LOOK_MS);
  }
  const { state } = await house.session();
  return { backAfterMs: null, knocksWhileStopped: stage.knocks() - knocks, stateAfter: state };
}

/** To the moment of the next attempt: nothing happens before. */
async function skipTo({ clock }: Stage, reason: StateReason | null): Promise<void> {
  const retryAt = reason?.retryAt;
  if (typeof retryAt !== 'string') return;
  const waitMs = Date.parse(retryAt) - clock.now();
  if (waitMs > 0) await clock.skip(waitMs + 1);
}

async function until(house: CorpusHouse, matches: (session: Session) => boolean, failure: string): Promise<void> {
  const endAt = systemClock.monotonic() + LIMIT_MS;
  for (let session = await house.session(); !matches(session); session = await house.session()) {
    if (systemClock.monotonic() > endAt)
      throw new Error(`${failure}: ${session.state}, ${String(session.reason?.code)}`);
    await sleep(systemClock, LOOK_MS);
  }
}

/** Entries of the timeline in which a connection ended or did not come about. */
async function fallsOf(house: CorpusHouse, since: number): Promise<readonly TimelineEntry[]> {
  const entries = await house.timeline();
  return entries.filter(
    ({ at, state, reason }) =>
      Date.parse(at) >= since - 1 && reason !== null && (state === 'backing_off' || FINAL.has(state)),
  );
}

function firstWaitOf(falls: readonly TimelineEntry[]): number | null {
  const waits = falls
    .slice(0, 3)
    .flatMap(({ at, reason }) =>
      typeof reason?.retryAt === 'string' ? [Date.parse(reason.retryAt) - Date.parse(at)] : [],
    );
  return waits.length === 0 ? null : Math.min(...waits);
}

/** A session that runs on another version than it wants has tried the one that it wants. */
const versionsOf = (entries: readonly TimelineEntry[], { version, state }: Session): readonly string[] => [
  ...new Set(
    [...entries.map((entry) => entry.version), ...(UP.has(state) ? [version.current, version.wanted] : [])].filter(
      (name) => name !== null,
    ),
  ),
];
