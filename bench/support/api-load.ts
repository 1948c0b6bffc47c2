import { sleep, systemClock } from '../../src/core/clock.ts';
import { sessionId } from './linked-product.ts';
import type { Product } from './product.ts';

const FIRST_GUEST = 4_915_700_000_001; // the crowd's guests have every second number

export interface LoadFigures {
  /** Milliseconds from the moment at which a request was due to the end of its answer. */
  readonly gets: readonly number[];
  readonly posts: readonly number[];
  readonly failed: number;
}

/** A hotel's system at work: reads a session and sends a message at a fixed rate, however long the answers take (open loop). */
export class ApiLoad {
  readonly #product: Product;
  readonly #sessions: number;
  readonly #perSecond: number;
  readonly #gets: number[] = [];
  readonly #posts: number[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failed = 0;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: { product: Product; sessions: number; perSecond: number }) {
    this.#product = deps.product;
    this.#sessions = deps.sessions;
    this.#perSecond = deps.perSecond;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the last answer is there. */
  async stop(): Promise<LoadFigures> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#underWay);
    return { gets: this.#gets, posts: this.#posts, failed: this.#failed };
  }

  async #run(): Promise<void> {
    const begun = systemClock.monotonic();
    for (let index = 0; !this.#isOver; index += 1) {
      const dueAt = begun + (index * 1_000) / this.#perSecond;
      const waitMs = dueAt - systemClock.monotonic();
      if (waitMs > 0) await sleep(systemClock, waitMs);
      const account = (index * 7) % this.#sessions; // neighbours share a process
      this.#ask(this.#gets, dueAt, 'GET', `/v1/sessions/${sessionId(account)}`);
      this.#ask(this.#posts, dueAt, 'POST', '/v1/messages', {
        session: sessionId(account),
        channel: 'whatsapp',
        to: `+${FIRST_GUEST + account * 2}`,
        body: `Message ${index}: your room is ready.`,
        basis: { reservation: 'R-1', consent: 'booking' },
      });
    }
  }

  #ask(samples: number[], dueAt: number, method: string, path: string, body?: unknown): void {
    const asking = this.#product.call(method, path, body).then(
      () => void samples.push(systemClock.monotonic() - dueAt),
      () => {
        this.#failed += 1;
      },
    );
    this.#underWay.add(asking);
    void asking.finally(() => this.#underWay.delete(asking));
  }
}
