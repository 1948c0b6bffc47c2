import type { TlObject } from '../tl.ts';
import { CHANNELS, Debts } from './debts.ts';
import { SEQ } from './held-updates.ts';
import type { Levelling } from './levelling.ts';
import type { UpdateSyncDeps } from './sync-deps.ts';
import { judgeFailure, nameOf } from './sync-failure.ts';
import type { SyncParts } from './sync-parts.ts';
import { firstPosition, restoreParts } from './sync-parts.ts';
import type { QueuedArrival } from './update-applier.ts';
import type { BoxName, CommonPosition, Mark } from './update-state.ts';
import { COMMON } from './update-state.ts';

/** After so long without a word, or since the last look at all supergroups, one asks (core.telegram.org/api/updates). */
const SILENCE_MS = 15 * 60 * 1000;
/** Pushes that are taken in one transaction. */
const ARRIVALS_PER_COMMIT = 50;
/** Pushes that wait while a difference is fetched; beyond it they are let go, for the next difference brings them as well. */
const MOST_WAITING = 2_000;
/** Supergroups that are still behind after it are levelled while the account is online. */
const START_PATIENCE_MS = 20_000;

/**
 * Takes every update exactly once and in order, whatever the connection does with them: above one `MtprotoClient`, for its life. Asks for
 * what is missing, one difference at a time, while pushes wait. Its place is in the vault, so that the next one goes on from there.
 */
export class UpdateSync {
  readonly #deps: UpdateSyncDeps;
  readonly #debts: Debts;
  #parts: SyncParts | undefined;
  #arrivals: QueuedArrival[] = [];
  #isStopped = false;
  #wake: (() => void) | undefined;
  #heardAt = 0;
  #checkedAt = 0;
  #running: Promise<void> = Promise.resolve();
  /** Called after something was taken or asked for. */
  onProgress: () => void = () => undefined;

  constructor(deps: UpdateSyncDeps) {
    this.#deps = deps;
    this.#debts = new Debts({ random: deps.random });
  }

  /**
   * Resolves when the account is level with the server. Rejects with the RpcFailure or CallLost of the first questions; those
   * about single supergroups are asked again later. Called once, after `feed` is the client's listener.
   */
  async start(): Promise<void> {
    const { clock, log } = this.#deps;
    const owe = (box: BoxName): void => this.#owe(box);
    const known = restoreParts(this.#deps, owe);
    this.#parts = known ?? (await firstPosition(this.#deps, owe));
    if (known !== undefined) {
      await known.levelling.common();
      for (const box of known.state.unreadChannels) owe(box);
      await this.#level(CHANNELS);
    }
    this.#heardAt = clock.monotonic();
    this.#checkedAt = this.#heardAt;
    const until = this.#heardAt + START_PATIENCE_MS;
    for (let box = this.#nextBox(); box !== undefined && clock.monotonic() < until; box = this.#nextBox()) {
      await this.#level(box);
    }
    log.debug('level with the server', { isFirst: known === undefined });
    if (!this.#isStopped) this.#running = this.#run();
  }

  /** An `Updates` object that the server pushed. Returns at once; may be called before `start`. */
  feed(updates: TlObject): void {
    this.#queue({ updates, via: 'push', since: this.#deps.clock.monotonic() });
  }

  /**
   * The answer to a call of our own, where it is an `Updates` or moves a `pts`: `updateShortSentMessage`, `messages.affectedMessages` …
   * `channelId` for the answers of `channels.*` that name none. Whoever called has made durable before what the answer means to them.
   */
  feedAnswer(answer: TlObject, options: { readonly channelId?: bigint } = {}): void {
    this.#queue({ updates: answer, via: 'answer', ...options, since: this.#deps.clock.monotonic() });
  }

  /** Where private chats and basic groups stand; undefined before `start`. */
  get place(): CommonPosition | undefined {
    return this.#parts?.state.common;
  }

  get tally(): Levelling['tally'] {
    return this.#parts?.levelling.tally ?? { rounds: 0, brought: 0 };
  }

  /** Since when the oldest update waits that was heard and not taken; monotonic. One that waits because the network wants peace does not count. */
  get waitingSince(): number | undefined {
    const held = this.#parts?.applier.held.oldestSince((box) => !this.#debts.isFlooded(box === SEQ ? COMMON : box));
    const [first] = this.#arrivals;
    return first === undefined ? held : Math.min(first.since, held ?? Infinity);
  }

  /** See `Levelling`. Only after `start`; rejects with RpcFailure or CallLost. */
  async peek(): Promise<Mark | undefined> {
    const mark = await this.#parts?.levelling.peek();
    this.#wake?.(); // it may have found supergroups that lag
    return mark;
  }

  /** Has the loop ask for what is missing in private chats and basic groups. */
  ask(): void {
    this.#owe(COMMON);
    this.#wake?.();
  }

  /** Resolves when nothing runs any longer. What waits is not lost: the next one asks for it. */
  async stop(): Promise<void> {
    this.#halt();
    await this.#running;
  }

  #queue(arrival: QueuedArrival): void {
    if (this.#isStopped) return;
    if (this.#arrivals.length >= MOST_WAITING) {
      this.#arrivals = [];
      this.#owe(COMMON);
      this.#owe(CHANNELS);
    }
    this.#arrivals.push(arrival);
    this.#wake?.();
  }

  #owe(box: BoxName): void {
    this.#debts.owe(box === SEQ ? COMMON : box, this.#deps.clock.monotonic());
  }

  #halt(): void {
    this.#isStopped = true;
    this.#arrivals = [];
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped && !this.#deps.signal.aborted) {
      if (this.#arrivals.length > 0) {
        this.#takeArrivals();
        this.onProgress();
        continue;
      }
      const box = this.#nextBox();
      if (box === undefined) await this.#sleep();
      else {
        await this.#level(box);
        this.onProgress();
      }
    }
  }

  #takeArrivals(): void {
    const { clock, log } = this.#deps;
    const arrivals = this.#arrivals.splice(0, ARRIVALS_PER_COMMIT);
    this.#heardAt = clock.monotonic();
    try {
      this.#parts?.ledger.commit(() => arrivals.forEach((arrival) => this.#parts?.applier.arrive(arrival)), {
        lazy: true,
      });
    } catch (error) {
      log.error('updates could not be kept, they are asked for again', {
        error: error instanceof Error ? error : undefined,
      });
      for (const box of [COMMON, CHANNELS]) this.#debts.failed(box, clock.monotonic());
    }
    if (arrivals.some(({ updates }) => updates._ === 'updatesTooLong')) this.#owe(CHANNELS);
  }

  /** What is to be asked for now: a gap whose time of grace is over, an old debt, or a sign of life. */
  #nextBox(): BoxName | undefined {
    const now = this.#deps.clock.monotonic();
    for (const box of this.#parts?.applier.held.takeDue(now) ?? []) this.#owe(box);
    if (now - this.#heardAt >= SILENCE_MS) {
      this.#heardAt = now;
      this.#owe(COMMON);
    }
    if (now - this.#checkedAt >= SILENCE_MS) {
      this.#checkedAt = now;
      this.#owe(CHANNELS);
    }
    return this.#isStopped ? undefined : this.#debts.takeDue(now);
  }

  async #level(box: BoxName): Promise<void> {
    const levelling = this.#parts?.levelling;
    if (levelling === undefined) return;
    try {
      if (box === COMMON) await levelling.common();
      else if (box === CHANNELS) await levelling.check();
      else await levelling.channel(box);
      this.#debts.paid(box);
    } catch (error) {
      this.#onFailure(box, error);
    }
  }

  #onFailure(box: BoxName, error: unknown): void {
    const { clock, log, onRefused } = this.#deps;
    const judged = judgeFailure(error);
    switch (judged.do) {
      case 'stop':
        this.#halt();
        if (judged.refusal !== undefined) onRefused(judged.refusal);
        return;
      case 'forget':
        if (box === COMMON || box === CHANNELS) break;
        log.info('a supergroup is closed to the account', { error: judged.text });
        this.#forget(box);
        return;
      case 'retry':
        break;
    }
    // The vault's: what was held for other boxes is let go with it.
    if (judged.do === 'retry' && judged.isOurs === true) {
      for (const each of [COMMON, CHANNELS]) this.#debts.failed(each, clock.monotonic());
    }
    log.warn('a difference could not be had', { box: box === COMMON ? COMMON : 'channel', error: nameOf(error) });
    this.#debts.failed(box, clock.monotonic(), judged.do === 'retry' ? judged.waitMs : undefined);
  }

  #forget(box: BoxName): void {
    this.#debts.forgive(box);
    this.#parts?.applier.held.release(box);
    this.#parts?.ledger.commit(() => this.#parts?.state.setChannel(box, undefined), { lazy: true });
  }

  /** Until something arrives or falls due. */
  #sleep(): Promise<void> {
    const { clock, signal } = this.#deps;
    const times = [
      this.#parts?.applier.held.nextDueAt,
      this.#debts.nextDueAt,
      this.#heardAt + SILENCE_MS,
      this.#checkedAt + SILENCE_MS,
    ];
    const next = Math.min(...times.filter((time) => time !== undefined));
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = clock.after(next - clock.monotonic(), wake);
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}
