import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { QuestionOutcome } from '../engine/ports/index.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { baseOf } from './registered.ts';

const MS_PER_SECOND = 1_000;

/** Whether the lines of sessions hear, and how that is known. Ages are worked out at each scrape. */
export class LineMetrics {
  readonly #now: () => number;
  readonly #provenAt = new Map<string, { readonly channel: string; readonly at: number }>();
  readonly #age: Gauge;
  readonly #questions: Counter;
  readonly #roundTrip: Histogram;
  readonly #deaf: Counter;

  constructor({ registry, now }: { readonly registry: Registry; readonly now: () => number }) {
    const d = metricDefinitions;
    const registers = [registry];
    this.#now = now;
    this.#age = new Gauge({ ...baseOf(d.lineProven), registers });
    this.#questions = new Counter({ ...baseOf(d.lineQuestions), registers });
    this.#roundTrip = new Histogram({ ...baseOf(d.lineRoundTrip), buckets: [...d.lineRoundTrip.buckets], registers });
    this.#deaf = new Counter({ ...baseOf(d.lineDeaf), registers });
  }

  proven(session: string, channel: string, at: number | null): void {
    if (at === null) this.#provenAt.delete(session);
    else this.#provenAt.set(session, { channel, at });
  }

  asked(
    session: string,
    channel: string,
    question: string,
    outcome: QuestionOutcome,
    roundTripMs: number | null,
  ): void {
    this.#questions.inc({ session, channel, question, outcome });
    if (roundTripMs !== null) this.#roundTrip.observe({ channel, question }, roundTripMs / MS_PER_SECOND);
  }

  deaf(session: string, layer: string): void {
    this.#deaf.inc({ session, layer });
  }

  gone(session: string): void {
    this.#provenAt.delete(session);
  }

  refresh(): void {
    this.#age.reset();
    for (const [session, { channel, at }] of this.#provenAt)
      this.#age.set({ session, channel }, Math.max(0, (this.#now() - at) / MS_PER_SECOND));
  }
}
