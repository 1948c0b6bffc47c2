import type { CanaryAnswerer } from '../../connector-api/index.ts';
import type { LineProof } from '../model/liveness.ts';
import type { SessionFeature, SessionPulse } from '../ports/index.ts';
import type { LineFacts, Question } from './judge.ts';
import { OVERDUE_MS } from './judge.ts';

/** A process blocked for so long may have missed an answer; ms. */
export const LAG_MS = 1_000;
/** As many answers as make the longest quiet time. */
const CALM = 10;
const NEVER = Number.NEGATIVE_INFINITY;

/** What is known of one connection, as it comes in; judged elsewhere. Times are monotonic ms. Kept by the watch. */
export class LineState implements LineFacts {
  readonly canAsk: Record<Question, boolean>;
  readonly answeredBy: CanaryAnswerer;
  readonly hasVitals: boolean;
  provenAt: number;
  provenBy: LineProof | null = null;
  quietSince: number;
  askAfterMs = Number.POSITIVE_INFINITY;
  question: { readonly kind: Question; readonly askedAt: number } | undefined;
  readonly askedAt: Record<Question, number> = { canary: NEVER, probe: NEVER };
  readonly unanswered: Record<Question, number> = { canary: 0, probe: 0 };
  probeAnsweredAt = NEVER;
  wantsProbe = false;
  missed = 0;
  isPhoneSilent = false;
  silentForMs = 0;
  oldestPendingMs = 0;
  pulsedAt: number | undefined;
  blockedAt = NEVER;
  /** A question was overtaken by a push. */
  isOvertaken = false;
  /** Answers in a row since the last push. */
  answers = 0;
  #pushes = 0;

  constructor(features: ReadonlySet<SessionFeature>, answeredBy: CanaryAnswerer, now: number) {
    this.canAsk = { canary: features.has('canary'), probe: features.has('probe') };
    this.hasVitals = features.has('vitals');
    this.answeredBy = answeredBy;
    this.provenAt = now;
    this.quietSince = now;
  }

  /** Whether there is anything to watch. */
  get isWatchable(): boolean {
    return this.canAsk.canary || this.canAsk.probe || this.hasVitals;
  }

  /** Returns whether the network has pushed something since the last pulse. */
  pulsed({ loopLagMs, vitals }: SessionPulse, now: number): boolean {
    if (loopLagMs >= LAG_MS || (this.pulsedAt !== undefined && now - this.pulsedAt > OVERDUE_MS)) this.blockedAt = now;
    this.pulsedAt = now;
    if (vitals === undefined) return false;
    this.silentForMs = vitals.silentForMs ?? 0;
    this.oldestPendingMs = vitals.oldestPendingMs;
    const hasNews = vitals.pushes > this.#pushes;
    this.#pushes = vitals.pushes;
    if (hasNews) this.pushed(now);
    return hasNews;
  }

  pushed(now: number): void {
    this.#prove('push', now);
    this.missed = 0;
    this.answers = 0;
  }

  asked(kind: Question, now: number): void {
    this.question = { kind, askedAt: now };
    this.askedAt[kind] = now;
    this.wantsProbe = false;
  }

  /** The question under way is over; whether it counts against the line. */
  closeQuestion(isUnanswered: boolean): void {
    const { question } = this;
    this.question = undefined;
    if (question !== undefined && isUnanswered) this.unanswered[question.kind] += 1;
  }

  /** `isStored`: all the way into the store; else only the line is well. */
  canaryCame(missed: number, isStored: boolean, now: number): void {
    if (this.question?.kind === 'canary') this.question = undefined;
    this.unanswered.canary = 0;
    this.unanswered.probe = 0;
    this.silentForMs = 0;
    this.isPhoneSilent = false;
    this.quietSince = now;
    if (isStored) this.#prove('canary', now);
    if (missed > 0) {
      this.missed += 1;
      this.answers = 0;
    } else this.answers += 1;
  }

  probeAnswered(now: number): void {
    if (this.question?.kind === 'probe') this.question = undefined;
    this.unanswered.probe = 0;
    this.silentForMs = 0;
    this.probeAnsweredAt = now;
    if (this.canAsk.canary) return; // no proof that the line hears what nobody asked for
    this.#prove('probe', now);
    this.answers += 1;
  }

  canaryRefused(now: number): void {
    if (this.question?.kind === 'canary') this.question = undefined;
    this.unanswered.canary = 0; // it was answered, if not as asked
    this.wantsProbe = this.canAsk.probe;
    this.answers += 1;
    this.quietSince = now;
  }

  /** The session turned out not to be able to ask this. */
  unable(question: Question): void {
    this.canAsk[question] = false;
    this.unanswered[question] = 0;
    this.closeQuestion(false);
  }

  /** What was found has been dealt with; the line goes on as it is. */
  settle(now: number): void {
    this.question = undefined;
    this.unanswered.canary = 0;
    this.unanswered.probe = 0;
    this.missed = 0;
    this.oldestPendingMs = 0;
    this.quietSince = now;
    this.answers = CALM;
  }

  /** The line is to be asked at once. */
  hurry(): void {
    this.quietSince = NEVER;
  }

  #prove(by: LineProof, now: number): void {
    this.provenAt = now;
    this.provenBy = by;
    this.quietSince = now;
    if (by !== 'push') return;
    this.unanswered.canary = 0;
    this.unanswered.probe = 0;
  }
}
