/** A process, as far as it matters for placing a session. */
export interface Candidate {
  readonly channel: string;
  /** Sessions that are open in it, or being opened. */
  readonly load: number;
  /** How many sessions may share it; null while it is empty and takes any. */
  readonly share: number | null;
  /** It takes no new sessions: it is being emptied, or has grown too large. */
  readonly isClosed: boolean;
  /** Whether it has ever run the session. */
  knows(sessionId: string): boolean;
}

export interface Wish {
  readonly channel: string;
  readonly sessionId: string;
  /** How many sessions may share its process. */
  readonly share: number;
  /** Only a process that has never run it. */
  readonly isFresh: boolean;
}

/** The process with the fewest sessions among those that have room; undefined: a new one is needed. Pure. */
export function choosePlace<T extends Candidate>(candidates: Iterable<T>, wish: Wish): T | undefined {
  let best: T | undefined;
  for (const candidate of candidates) {
    if (!hasRoom(candidate, wish)) continue;
    if (best === undefined || candidate.load < best.load) best = candidate;
  }
  return best;
}

// Only sessions of the same standing share a process: a suspect must not take down those that were never near a crash.
function hasRoom(candidate: Candidate, wish: Wish): boolean {
  if (candidate.channel !== wish.channel || candidate.isClosed) return false;
  if (wish.isFresh && candidate.knows(wish.sessionId)) return false;
  return candidate.share === null || (candidate.share === wish.share && candidate.load < candidate.share);
}
