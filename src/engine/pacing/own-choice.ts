import type { HoldMemory } from './hold-memory.ts';
import { OWN_KINDS } from './kinds.ts';
import { Latest } from './latest.ts';
import type { QueuedItem } from './queue-line.ts';
import type { TurnPlanner } from './turn-planner.ts';

/** A message and its start. */
export interface Turn {
  readonly item: QueuedItem;
  readonly start: Latest;
}

/** The first of a kind of own messages, when its limits are open, and when the desk could begin with it. */
interface Candidate {
  readonly kind: number;
  item: QueuedItem | undefined;
  readonly limits: Latest;
  readonly start: Latest;
}

export interface OwnChoiceDeps {
  readonly planner: TurnPlanner;
  readonly holds: HoldMemory;
  /** The first of a kind that can go. */
  readonly peek: (kind: number) => QueuedItem | undefined;
}

/** Chooses among the messages that the hotel sends by itself. */
export class OwnChoice {
  readonly #deps: OwnChoiceDeps;
  readonly #candidates: readonly Candidate[] = OWN_KINDS.map((kind) => ({
    kind,
    item: undefined,
    limits: new Latest(0, 'queue'),
    start: new Latest(0, 'queue'),
  }));

  constructor(deps: OwnChoiceDeps) {
    this.#deps = deps;
  }

  /** The one that is overdue first, of those whose limits are open by the time at which the desk can begin with any. */
  choose(at: number): Turn | undefined {
    const { planner, peek } = this.#deps;
    let first: Candidate | undefined;
    for (const candidate of this.#candidates) {
      candidate.item = peek(candidate.kind);
      if (candidate.item !== undefined && isOverdueBefore(candidate.item, first?.item)) first = candidate;
    }
    if (first?.item === undefined) return undefined;
    // Mostly there is no need to look at the others: nobody can begin before it, and none of them is overdue before it.
    this.#reckonLimits(first, first.item, at);
    planner.ownStart(first.item, first.limits, first.start);
    if (first.limits.until <= planner.earliestOwnStart(at)) return { item: first.item, start: first.start };
    for (const each of this.#candidates)
      if (each !== first && each.item !== undefined) this.#reckonLimits(each, each.item, at);
    if (first.limits.until <= planner.earliestWithinLimits(at)) return { item: first.item, start: first.start };
    let earliest = first.start.at;
    for (const each of this.#candidates) {
      if (each === first || each.item === undefined) continue;
      // Whose limits end later cannot begin earlier.
      if (each.limits.at >= earliest) continue;
      earliest = Math.min(earliest, planner.ownStart(each.item, each.limits, each.start).at);
    }
    let best: Candidate | undefined;
    for (const each of this.#candidates) {
      if (each.item === undefined || each.limits.until > earliest) continue;
      if (isOverdueBefore(each.item, best?.item)) best = each;
    }
    if (best?.item === undefined) return undefined;
    return { item: best.item, start: planner.ownStart(best.item, best.limits, best.start) };
  }

  /** Reckons when its limits end: that somebody is late for it loses it no turn. */
  #reckonLimits({ kind, limits }: Candidate, item: QueuedItem, at: number): void {
    const { planner, holds } = this.#deps;
    planner.limitsEndAt(item, at, limits);
    holds.remember(kind, at, limits);
  }
}

function isOverdueBefore(one: QueuedItem, other: QueuedItem | undefined): boolean {
  return other === undefined || one.overdueAt < other.overdueAt;
}
