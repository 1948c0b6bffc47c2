/** Crashes that are further apart have nothing to do with each other; ms. */
const WINDOW_MS = 600_000;
/** After each further crash those who were there are parted into this many groups, so that two more crashes find one among 250. */
const PARTS = 16;
/** A session whose own process crashed once more when it was alone is kept alone this long; ms. */
const GUILTY_FOR_MS = 86_400_000;

interface Record {
  /** When processes crashed with the session in them. */
  crashes: number[];
  guiltyUntil: number;
}

/**
 * Remembers which sessions were there when processes crashed, and says with how many others each may share one: those who were there
 * twice within ten minutes with a sixteenth of a full process, three times with nobody (250 sessions a process). So one session that
 * crashes every process takes the others down twice or three times, and then only itself. Pure on time.
 */
export class Suspects {
  readonly #full: number;
  readonly #records = new Map<string, Record>();

  /** `full`: sessions that may share a process when nothing is suspected. */
  constructor(deps: { full: number }) {
    this.#full = deps.full;
  }

  /** A process crashed. `share`: how many sessions were allowed in it. */
  crashed(sessions: Iterable<string>, share: number, now: number): void {
    const all = [...sessions];
    for (const sessionId of all) {
      const record = this.#fresh(sessionId, now) ?? { crashes: [], guiltyUntil: 0 };
      record.crashes.push(now);
      if (share === 1 && this.#full > 1) record.guiltyUntil = now + GUILTY_FOR_MS;
      this.#records.set(sessionId, record);
    }
  }

  /** How many sessions may share a process in which this one is opened; itself included. */
  share(sessionId: string, now: number): number {
    const record = this.#fresh(sessionId, now);
    if (record === undefined) return this.#full;
    if (record.guiltyUntil > now) return 1;
    const repeats = Math.max(0, record.crashes.length - 1);
    return Math.max(1, Math.ceil(this.#full / PARTS ** repeats));
  }

  /** Without what is too old to matter. */
  #fresh(sessionId: string, now: number): Record | undefined {
    const record = this.#records.get(sessionId);
    if (record === undefined) return undefined;
    record.crashes = record.crashes.filter((at) => now - at < WINDOW_MS);
    if (record.crashes.length > 0 || record.guiltyUntil > now) return record;
    this.#records.delete(sessionId);
    return undefined;
  }
}
