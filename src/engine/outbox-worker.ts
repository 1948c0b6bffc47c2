import { sleep } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { expireMessages } from './expire-messages.ts';
import { nativeClassOf } from './native-class.ts';
import type { OutboxDeps } from './outbox-deps.ts';
import type { AttemptOutcome, DueMessage, SendOrder, SendPlan } from './ports/index.ts';
import { intentOf, nativeCodeOf } from './send-intent.ts';
import { settleFailure } from './send-schedule.ts';
import type { SessionLink } from './session-links.ts';
import { showTyping } from './show-typing.ts';
import { WakeSignal } from './wake-signal.ts';

/** A look at the queue even when nothing woke us: heals a missed commit and a wall clock that jumped; ms. */
const LONGEST_IDLE_MS = 60_000;
/** Between two looks that found nothing to do, so that a message that only seems due cannot make a busy loop; ms. */
const SHORTEST_IDLE_MS = 500;
/** During a pause, each accepted message may be more urgent; under a flood of them the queue is not read for each; ms. */
const LOOK_AGAIN_MS = 1_000;
/** A store that cannot be read or written (disk full) is asked again after this long; ms. */
const STORE_RETRY_MS = 2_000;
/** Networks acknowledge within seconds, files within minutes; after this the outcome is open; ms. */
const SEND_TIMEOUT_MS = 120_000;
/** Read marks are a courtesy: no message waits longer for one; ms. */
const READ_MARK_TIMEOUT_MS = 5_000;

interface PendingPlan {
  readonly messageId: string;
  readonly attempt: number;
  readonly plan: Extract<SendPlan, { do: 'send' }>;
  /** Monotonic time at which the pause before it ends. */
  readonly pauseEndsAt: number;
}

/** Drains the queue of one session while it is online: one conversation at a time, in the pacer's manner. */
export class OutboxWorker {
  readonly #deps: OutboxDeps & { readonly link: SessionLink };
  readonly #waiting = new AbortController();
  readonly #sending = new AbortController();
  readonly #wake: WakeSignal;
  #done: Promise<void> = Promise.resolve();
  #pending: PendingPlan | undefined;

  constructor(deps: OutboxDeps & { readonly link: SessionLink }) {
    this.#deps = deps;
    this.#wake = new WakeSignal({ clock: deps.clock, signal: this.#waiting.signal });
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Something may have fallen due. Cheap; called after commits. */
  wake(): void {
    this.#wake.wake();
  }

  async stop(graceMs: number): Promise<void> {
    this.#waiting.abort(new BellhopError('session_down'));
    const timer = this.#deps.clock.after(graceMs, () => this.#sending.abort(new BellhopError('session_down')));
    await this.#done;
    timer.cancel();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        this.#wake.clear();
        const [due] = await this.#deps.store.dueMessages(this.#sessionId, this.#deps.clock.now(), 1);
        if (due === undefined) await this.#wake.wait(await this.#idleMs());
        else await this.#advance(due);
      } catch (error) {
        if (this.#isStopped()) return;
        this.#deps.log.error('outbox could not go on', {
          session: this.#sessionId,
          error: error instanceof Error ? error : String(error),
        });
        this.#wake.clear();
        await this.#wake.wait(STORE_RETRY_MS);
      }
    }
  }

  #isStopped(): boolean {
    return this.#waiting.signal.aborted;
  }

  get #sessionId(): string {
    return this.#deps.link.sessionId;
  }

  async #idleMs(): Promise<number> {
    const nextAt = await this.#deps.store.nextDueAt(this.#sessionId);
    if (nextAt === null) return LONGEST_IDLE_MS;
    return Math.min(LONGEST_IDLE_MS, Math.max(SHORTEST_IDLE_MS, nextAt - this.#deps.clock.now()));
  }

  /** One step with the head of the queue. The pause before it can be interrupted by a message that is more urgent. */
  async #advance(due: DueMessage): Promise<void> {
    const now = this.#deps.clock.now();
    const { message } = due;
    if (message.expiresAt !== null && Date.parse(message.expiresAt) <= now) {
      if ((await expireMessages(this.#deps, now)) === 0) await this.#wake.wait(SHORTEST_IDLE_MS);
      return;
    }
    if (due.hold !== null) return this.#deps.store.deferMessage(message.id, due.hold);
    const pending = await this.#planFor(due, now);
    if (pending === undefined) return;
    const pauseMs = pending.pauseEndsAt - this.#deps.clock.monotonic();
    if (pauseMs > 0 && (await this.#wake.wait(pauseMs)) !== 'elapsed') {
      await sleep(this.#deps.clock, Math.min(LOOK_AGAIN_MS, pauseMs), this.#waiting.signal);
      return;
    }
    this.#pending = undefined;
    await this.#deliver(due, pending.plan);
  }

  /** The plan that was made for this message, or a new one; `undefined` when the pacer put the message off. */
  async #planFor(due: DueMessage, now: number): Promise<PendingPlan | undefined> {
    const { message } = due;
    const kept = this.#pending;
    if (kept?.messageId === message.id && kept.attempt === message.attempts) return kept;
    const plan = this.#deps.pacer.plan(intentOf(due), now);
    if (plan.do === 'defer') {
      const notBefore = Math.ceil(Math.max(plan.notBefore, now + SHORTEST_IDLE_MS));
      const heldBy = { rule: plan.rule, until: new Date(notBefore).toISOString(), detail: plan.detail };
      await this.#deps.store.deferMessage(message.id, { notBefore, heldBy });
      return undefined;
    }
    const pauseEndsAt = this.#deps.clock.monotonic() + plan.readAfterMs;
    this.#pending = { messageId: message.id, attempt: message.attempts, plan, pauseEndsAt };
    return this.#pending;
  }

  async #deliver(due: DueMessage, plan: Extract<SendPlan, { do: 'send' }>): Promise<void> {
    const { clock, store, link, log } = this.#deps;
    await this.#markRead(due);
    const typing = showTyping({
      clock,
      link,
      log,
      chat: due.chat,
      isWanted: plan.typingForMs > 0,
      signal: this.#waiting.signal,
    });
    try {
      if (plan.typingForMs > 0) await sleep(clock, plan.typingForMs, this.#waiting.signal);
      this.#waiting.signal.throwIfAborted();
      // `null`: cancelled or expired while we typed.
      const order = await store.beginAttempt(due.message.id, clock.now());
      if (order !== null) await this.#send(order);
    } finally {
      await typing.end();
    }
  }

  /** Who answers has read. What the hotel sends by itself must not look as if somebody had. */
  async #markRead(due: DueMessage): Promise<void> {
    const { link, store, clock, log } = this.#deps;
    const [first, ...rest] = due.unreadReferences;
    const isPersonal = due.message.purpose === 'reply' || due.message.purpose === 'service';
    if (first === undefined || !isPersonal || !link.handle.features.has('readMarks')) return;
    const { chat } = due;
    try {
      await link.handle.call(
        'markRead',
        { chat, messages: [first, ...rest] },
        { timeoutMs: READ_MARK_TIMEOUT_MS, signal: this.#waiting.signal },
      );
      await store.markReadByNetwork(link.sessionId, chat, rest.at(-1) ?? first, clock.now());
    } catch (error) {
      log.warn('read mark failed', { session: link.sessionId, error: error instanceof Error ? error : String(error) });
    }
  }

  async #send(order: SendOrder): Promise<void> {
    const { clock, link, random } = this.#deps;
    const { networkId, chat, content, attempt } = order;
    let outcome: AttemptOutcome;
    try {
      const result = await link.handle.call(
        'send',
        { networkId, chat, content, attempt, ...(order.replyTo === null ? {} : { replyTo: order.replyTo }) },
        { timeoutMs: SEND_TIMEOUT_MS, signal: this.#sending.signal },
      );
      outcome = {
        type: 'sent',
        at: clock.now(),
        ...(result.networkId === networkId ? {} : { networkId: result.networkId }),
      };
    } catch (error) {
      outcome = settleFailure({ error, attempt, now: clock.now(), random });
    }
    await this.#finish(order, outcome);
  }

  /** The outcome is written whatever it takes: until then the message stays `sending`, and a restart sends it under the same id. */
  async #finish(order: SendOrder, outcome: AttemptOutcome): Promise<void> {
    for (;;) {
      try {
        await this.#deps.store.finishAttempt(order.message.id, outcome);
        this.#tell(order, outcome);
        return;
      } catch (error) {
        if (error instanceof BellhopError && error.code === 'not_found') return;
        this.#deps.log.error('outcome of a send not stored yet', {
          session: this.#sessionId,
          message: order.message.id,
          error: error instanceof Error ? error : String(error),
        });
        await sleep(this.#deps.clock, STORE_RETRY_MS, this.#sending.signal);
      }
    }
  }

  #tell(order: SendOrder, outcome: AttemptOutcome): void {
    const { message } = order;
    const now = this.#deps.clock.now();
    const waitedSeconds = Math.max(0, now - Date.parse(message.queuedAt ?? message.createdAt)) / 1_000;
    const told = outcome.type === 'retry' ? 'retried' : outcome.type;
    this.#deps.telemetry.outbound(this.#sessionId, this.#deps.link.channel, told, waitedSeconds);
    if (outcome.type === 'limited') {
      const { scope, nativeCode } = outcome.limit;
      this.#deps.telemetry.limited(this.#sessionId, scope, nativeClassOf(nativeCode));
    }
    this.#deps.pacer.record(
      {
        sessionId: this.#sessionId,
        conversationId: message.conversationId,
        messageId: message.id,
        sentAt: outcome.at,
        outcome: outcome.type === 'retry' ? 'unknown' : outcome.type,
        nativeCode: nativeCodeOf(outcome),
      },
      now,
    );
  }
}
