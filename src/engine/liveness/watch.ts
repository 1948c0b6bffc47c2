import type { CanaryAnswerer, ConnectorEvent } from '../../connector-api/index.ts';
import { toTimestamp } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { Liveness } from '../model/liveness.ts';
import type { QuestionOutcome, SessionHandle, SessionPulse } from '../ports/index.ts';
import { learn, nothingLearnt, resumeAt } from './baseline.ts';
import type { Question, Verdict } from './judge.ts';
import { judge } from './judge.ts';
import { LineAsker } from './line-asker.ts';
import { LineState } from './line-state.ts';
import type { LivenessSettings } from './pace.ts';
import { AskingPace } from './pace.ts';
import type { ResponseDeps } from './response.ts';
import { LineResponse } from './response.ts';
import { WakeUp } from './wake-up.ts';

export interface WatchDeps extends ResponseDeps {
  readonly answeredBy: CanaryAnswerer;
  readonly settings: LivenessSettings;
  readonly random: Random;
}

/** A verdict may call for another at once, e.g. a second question; never for many. */
const MOST_VERDICTS = 6;

/** Knows whether one session's line hears, and says so when it does not. Kept by the session's runner; outlives its connections. */
export class LineWatch {
  readonly #deps: WatchDeps;
  readonly #pace: AskingPace;
  readonly #asker: LineAsker;
  readonly #response: LineResponse;
  readonly #wakeUp: WakeUp;
  #connection: { readonly handle: SessionHandle; readonly line: LineState } | undefined;
  #baseline;
  #roundTripMs: number | null = null;

  constructor(deps: WatchDeps) {
    const { clock, random } = deps;
    this.#deps = deps;
    this.#pace = new AskingPace(deps);
    this.#response = new LineResponse(deps);
    this.#baseline = nothingLearnt(clock.monotonic());
    this.#wakeUp = new WakeUp({ clock, run: (isLate) => this.#wake(isLate) });
    this.#asker = new LineAsker({
      clock,
      random,
      onProbe: (handle, roundTripMs) => this.#onProbe(handle, roundTripMs),
      onRefused: (handle) => this.#onRefused(handle),
      onUnable: (handle, question) => this.#onUnable(handle, question),
    });
  }

  /** A time in which the line was deaf is being looked into; its report is the end of the incident. */
  get owesReport(): boolean {
    return this.#response.owesReport;
  }

  /** Null while nothing is connected, or nothing can be told. */
  get liveness(): Liveness | null {
    if (this.#connection === undefined) return null;
    const { provenAt, provenBy } = this.#connection.line;
    return { provenAt: toTimestamp(this.#wallOf(provenAt)), provenBy, roundTripMs: this.#roundTripMs };
  }

  /** The session is connected. What came before it is over. */
  begin(handle: SessionHandle): void {
    this.end();
    const now = this.#deps.clock.monotonic();
    const line = new LineState(handle.features, this.#deps.answeredBy, now);
    this.#baseline = resumeAt(this.#baseline, now);
    this.#roundTripMs = null;
    this.#response.connected(handle);
    if (!line.canAsk.canary && !line.canAsk.probe) this.#response.passed();
    if (!line.isWatchable) return;
    line.isPhoneSilent = this.#response.phone !== undefined;
    if (this.owesReport || line.isPhoneSilent) line.hurry();
    this.#connection = { handle, line };
    this.#tellProof(line);
    this.#look();
  }

  /** The connection is over, or is to be. Idempotent. */
  end(): void {
    this.#wakeUp.cancel();
    this.#response.disconnected();
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    const { telemetry, session } = this.#deps;
    telemetry.lineProven(session.id, session.channel, null);
  }

  /** A person acted: what comes next begins from scratch. */
  forget(): void {
    this.end();
    this.#response.forget();
  }

  /** Must cost next to nothing: it comes every few seconds for each of a thousand sessions. */
  pulse(handle: SessionHandle | undefined, pulse: SessionPulse): void {
    const line = this.#lineOf(handle);
    if (line === undefined) return;
    const now = this.#deps.clock.monotonic();
    const hasNews = line.pulsed(pulse, now);
    this.#baseline = learn(this.#baseline, hasNews, now);
    if (hasNews) this.#tellProof(line);
    // What comes right after connecting may be the network's own; later it proves the line as well as an answer.
    if (hasNews && line.isOvertaken) this.#response.passed();
    this.#look();
  }

  /** A canary came in. `isStored`: the store took a write for it. */
  canary(handle: SessionHandle | undefined, token: string, missed: number, isStored: boolean): void {
    const line = this.#lineOf(handle);
    const known = this.#asker.recognise(token);
    if (line === undefined || known === undefined) return;
    line.canaryCame(missed, isStored, this.#deps.clock.monotonic());
    this.#tellAnswer('canary', isStored ? (missed > 0 ? 'missed' : 'answered') : 'unstored', known.roundTripMs);
    this.#response.phoneAnswered();
    if (isStored) this.#tellProof(line);
    if (isStored && missed === 0) this.#response.proven();
    else if (isStored) this.#response.passed();
    this.#look();
  }

  /** Something was stored for the first time. */
  heard(handle: SessionHandle | undefined, event: ConnectorEvent): void {
    this.#response.heard(event);
    const line = this.#lineOf(handle);
    if (line === undefined || line.hasVitals) return;
    const now = this.#deps.clock.monotonic();
    line.pushed(now);
    this.#baseline = learn(this.#baseline, true, now);
    this.#tellProof(line);
  }

  #onProbe(handle: SessionHandle, roundTripMs: number): void {
    const line = this.#lineOf(handle);
    if (line === undefined) return;
    line.probeAnswered(this.#deps.clock.monotonic());
    this.#tellAnswer('probe', 'answered', roundTripMs);
    if (!line.canAsk.canary) {
      this.#tellProof(line);
      this.#response.proven();
    }
    this.#look();
  }

  #onRefused(handle: SessionHandle): void {
    const line = this.#lineOf(handle);
    if (line === undefined) return;
    line.canaryRefused(this.#deps.clock.monotonic());
    this.#tellAnswer('canary', 'refused', null);
    this.#response.passed(); // it answered, and more cannot be known
    this.#look();
  }

  #onUnable(handle: SessionHandle, question: Question): void {
    const line = this.#lineOf(handle);
    if (line === undefined) return;
    line.unable(question);
    this.#look();
  }

  #lineOf(handle: SessionHandle | undefined): LineState | undefined {
    return this.#connection?.handle === handle ? this.#connection?.line : undefined;
  }

  #wake(isLate: boolean): void {
    if (isLate && this.#connection !== undefined) this.#connection.line.blockedAt = this.#deps.clock.monotonic();
    this.#look();
  }

  #look(): void {
    for (let round = 0; round < MOST_VERDICTS; round += 1) {
      const connection = this.#connection;
      if (connection === undefined) return;
      const { handle, line } = connection;
      line.askAfterMs = this.#pace.askAfterMs(line, this.#baseline, this.#response.phone);
      const verdict = judge(line, this.#deps.clock.monotonic());
      if (verdict.do === 'wait') {
        this.#wakeUp.at(verdict.until);
        return;
      }
      this.#act(verdict, handle, line);
    }
  }

  #act(verdict: Exclude<Verdict, { do: 'wait' }>, handle: SessionHandle, line: LineState): void {
    const now = this.#deps.clock.monotonic();
    switch (verdict.do) {
      case 'ask':
        line.asked(verdict.question, now);
        this.#asker.ask(handle, verdict.question);
        return;
      case 'give_up':
        if (line.question !== undefined) this.#tellAnswer(line.question.kind, 'unanswered', null);
        line.closeQuestion(true);
        return;
      case 'drop':
        line.isOvertaken = true;
        line.closeQuestion(false);
        if (this.owesReport) line.hurry();
        return;
      case 'deaf':
        if (this.#response.deaf(handle, verdict.layer, this.#wallOf(line.provenAt))) this.end();
        else line.settle(now);
        return;
      case 'doubt':
        if (this.#response.doubt(handle, this.#wallOf(line.provenAt))) this.end();
        line.isPhoneSilent = true;
        line.settle(now);
        return;
    }
  }

  #tellAnswer(question: Question, outcome: QuestionOutcome, roundTripMs: number | null): void {
    const { telemetry, session } = this.#deps;
    if (roundTripMs !== null) this.#roundTripMs = Math.round(roundTripMs);
    this.#pace.draw();
    telemetry.lineAsked(session.id, session.channel, question, outcome, roundTripMs);
  }

  #tellProof(line: LineState): void {
    const { telemetry, session } = this.#deps;
    telemetry.lineProven(session.id, session.channel, this.#wallOf(line.provenAt));
  }

  /** The wall time of a monotonic one. */
  #wallOf(monotonic: number): number {
    const { clock } = this.#deps;
    return clock.now() - (clock.monotonic() - monotonic);
  }
}
