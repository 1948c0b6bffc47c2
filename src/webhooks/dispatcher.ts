import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { DeliveryJob, Store, Telemetry } from '../engine/ports/index.ts';
import { judge } from './judge.ts';
import type { WebhookSender } from './sender.ts';

export interface DispatcherDeps {
  readonly store: Store;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Deliveries under way at once, over all webhooks. */
  readonly concurrency: number;
  /** How long an attempt may take; a claim is held a little longer. */
  readonly timeoutMs: number;
}

/** A quarter of the places at most for one receiver: one that hangs leaves the rest to the others. */
const SHARE_OF_ONE_WEBHOOK = 0.25;
/** Beyond the attempt itself, for recording the outcome; a claim that outlives it would be sent twice. */
const LEASE_MARGIN_MS = 30_000;
/** The store failed (disk full): look again after this long. */
const STORE_RETRY_MS = 1_000;
/** Nothing is due: look again now and then all the same, should a wake-up have been missed. */
const IDLE_CHECK_MS = 60_000;

/**
 * Takes due deliveries out of the store, sends them and records what came of it. Holds nothing that is not in the store: after
 * a crash the claims run out or are released at start, and the receiver sees the same `webhook-id` again.
 */
export class WebhookDispatcher {
  readonly #deps: DispatcherDeps;
  readonly #perWebhook: number;
  readonly #underWay = new Map<string, number>();
  #busy = 0;
  #running = false;
  #pumping = false;
  #again = false;
  #timer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;
  #drained: (() => void) | undefined;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#perWebhook = Math.max(1, Math.floor(deps.concurrency * SHARE_OF_ONE_WEBHOOK));
  }

  async start(): Promise<void> {
    await this.#deps.store.releaseDeliveries();
    this.#running = true;
    this.#unsubscribe = this.#deps.store.onCommit((summary) => {
      if (summary.deliveries) this.#wake();
    });
    this.#wake();
  }

  /** Takes nothing new and resolves when the attempts under way have been recorded. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#unsubscribe?.();
    this.#timer?.cancel();
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await this.#deps.sender.close();
  }

  #wake(): void {
    if (!this.#running) return;
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    void this.#pump().finally(() => {
      this.#pumping = false;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  async #pump(): Promise<void> {
    this.#timer?.cancel();
    const { store, clock } = this.#deps;
    try {
      const free = this.#deps.concurrency - this.#busy;
      if (free <= 0) return; // each finished attempt wakes the pump
      const now = clock.now();
      const jobs = await store.claimDeliveries({
        now,
        leaseUntil: now + this.#deps.timeoutMs + LEASE_MARGIN_MS,
        limit: free,
        perWebhook: this.#perWebhook,
        exclude: [...this.#underWay].filter(([, count]) => count >= this.#perWebhook).map(([id]) => id),
      });
      for (const job of jobs) this.#begin(job);
      if (jobs.length > 0) this.#again = true;
      else await this.#sleepUntilDue(now);
    } catch (error) {
      this.#deps.log.warn('webhook deliveries could not be read', {
        error: error instanceof Error ? error : undefined,
      });
      this.#timer = clock.after(STORE_RETRY_MS, () => this.#wake());
    }
  }

  async #sleepUntilDue(now: number): Promise<void> {
    const dueAt = await this.#deps.store.nextDeliveryAt();
    // Due but not claimed: its webhook has enough under way, whose end wakes the pump.
    const waitMs = dueAt === null || dueAt <= now ? IDLE_CHECK_MS : Math.min(dueAt - now, IDLE_CHECK_MS);
    if (this.#running) this.#timer = this.#deps.clock.after(waitMs, () => this.#wake());
  }

  #begin(job: DeliveryJob): void {
    this.#busy += 1;
    this.#underWay.set(job.webhookId, (this.#underWay.get(job.webhookId) ?? 0) + 1);
    void this.#attempt(job).finally(() => {
      this.#busy -= 1;
      const left = (this.#underWay.get(job.webhookId) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(job.webhookId);
      else this.#underWay.set(job.webhookId, left);
      if (this.#busy === 0) this.#drained?.();
      this.#wake();
    });
  }

  async #attempt(job: DeliveryJob): Promise<void> {
    const { store, clock, log, telemetry } = this.#deps;
    const answer = await this.#deps.sender.send(job);
    const now = clock.now();
    const verdict = judge(answer, { attempts: job.attempts, now }, this.#deps.random);
    telemetry.delivery(answer.type === 'blocked' ? 'blocked' : verdict.outcome.type, (now - job.createdAt) / 1_000);
    if (verdict.outcome.type === 'dead') {
      log.warn('webhook delivery given up after the last attempt', { webhook: job.webhookId, event: job.eventId });
    }
    try {
      // First, so that the delivery that is given back is not claimed again at once.
      if (verdict.disable) await store.disableWebhook(job.webhookId, 'the endpoint answered 410 Gone', now);
      await store.recordDeliveries([{ deliveryId: job.deliveryId, outcome: verdict.outcome }]);
    } catch (error) {
      // The claim runs out and the delivery is made again under the same id: at least once, never lost.
      log.warn('webhook outcome could not be stored', {
        webhook: job.webhookId,
        error: error instanceof Error ? error : undefined,
      });
    }
  }
}
