import { SendError } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import { canaryUpdates } from './map-canary.ts';
import { isObject } from './tl-fields.ts';
import { positionOf } from './updates/difference-parts.ts';
import type { Mark } from './updates/update-state.ts';
import type { UpdateSync } from './updates/update-sync.ts';

const GET_STATE = 'updates.getState';
const STATE_TIMEOUT_MS = 10_000;
/** What was said while the question was on its way is on its way itself: only after this it is missing. */
const GRACE_MS = 3_000;

/**
 * The canaries of one connection. A message to oneself would be seen on the account's phone, so the network is asked instead how far it
 * is. Where we are as far, the canary goes in as if it had been pushed; where not, what is missing is fetched, and the canary goes in behind it.
 */
export class CanaryDesk {
  readonly #line: Caller;
  readonly #sync: UpdateSync;
  readonly #clock: Clock;
  readonly #pushes: () => number;
  #pushesBefore = 0;
  /** Counts the canaries: a new one takes the place of one that still waits. */
  #turn = 0;
  #timer: Timer | undefined;

  constructor(deps: { line: Caller; sync: UpdateSync; clock: Clock; pushes: () => number }) {
    this.#line = deps.line;
    this.#sync = deps.sync;
    this.#clock = deps.clock;
    this.#pushes = deps.pushes;
  }

  /** Resolves when the network has answered. Rejects with a SendError. */
  async send(token: string): Promise<void> {
    this.stop();
    const turn = this.#turn;
    const mark = await this.#ask().catch((error: unknown) => {
      throw toSendError(error, GET_STATE);
    });
    this.#follow(token, mark, turn).catch(() => undefined); // the vault's trouble: the canary does not come, which is what it says
  }

  /** A canary that is under way does not come back. */
  stop(): void {
    this.#turn += 1;
    this.#timer?.cancel();
    this.#sync.onProgress = () => undefined;
  }

  async #ask(): Promise<Mark> {
    const answer = await this.#line.invoke({ _: GET_STATE }, { timeoutMs: STATE_TIMEOUT_MS });
    const { place } = this.#sync;
    if (!isObject(answer) || place === undefined)
      throw new SendError('session_down', { certainty: 'not_sent', retryable: true });
    const state = positionOf(answer);
    const isQuiet = this.#pushes() === this.#pushesBefore;
    this.#pushesBefore = this.#pushes();
    if (!isQuiet && state.pts >= place.pts) return state;
    // Nothing was pushed since the last canary, or the server is behind us: its state may be old, so the difference is heard as well.
    const witness = await this.#sync.peek();
    if (witness === undefined) return state;
    return { pts: Math.max(state.pts, witness.pts), qts: Math.max(state.qts, witness.qts) };
  }

  async #follow(token: string, mark: Mark, turn: number): Promise<void> {
    const missed = (await this.#comes(mark)) ? 0 : await this.#fetch(mark);
    if (turn === this.#turn) this.#sync.feed(canaryUpdates(token, missed));
  }

  /** Whether we get as far by ourselves within the grace. */
  async #comes(mark: Mark): Promise<boolean> {
    if (this.#isAt(mark)) return true;
    return new Promise((resolve) => {
      const settle = (isThere: boolean): void => {
        this.#timer?.cancel();
        this.#sync.onProgress = () => undefined;
        resolve(isThere);
      };
      this.#timer = this.#clock.after(GRACE_MS, () => settle(false));
      this.#sync.onProgress = () => {
        if (this.#isAt(mark)) settle(true);
      };
    });
  }

  /** Resolves, when the differences have been taken, with how much they brought. The loop repeats a question that fails. */
  #fetch(mark: Mark): Promise<number> {
    const before = this.#sync.tally;
    return new Promise((resolve) => {
      this.#sync.onProgress = () => {
        const { rounds, brought } = this.#sync.tally;
        // One may have been under way; after two of them what is not here cannot be had.
        if (rounds === before.rounds || (!this.#isAt(mark) && rounds < before.rounds + 2)) return;
        this.#sync.onProgress = () => undefined;
        resolve(brought - before.brought);
      };
      this.#sync.ask();
    });
  }

  #isAt({ pts, qts }: Mark): boolean {
    const { place } = this.#sync;
    return place !== undefined && place.pts >= pts && place.qts >= qts;
  }
}
