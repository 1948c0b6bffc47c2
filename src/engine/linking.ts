import type { Account, LoginFlow, LoginStep } from '../connector-api/index.ts';
import { LoginError } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { sleep, withDeadline } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { SessionHandle } from './ports/index.ts';

/** How long a person may take to find the phone and scan; a code that nobody scans is renewed until then; ms. */
const LINK_LIFETIME_MS = 5 * 60_000;
/** A network answers with the first step within seconds; ms. */
const FIRST_STEP_TIMEOUT_MS = 45_000;
/** What a person typed is judged within seconds; a caller that has waited this long sees the step as it stands; ms. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Before a login that broke off is begun again; ms. */
const RENEW_PAUSE_MS = 2_000;
/** "Done" is shown this long to who looks late; ms. */
const DONE_SHOWN_MS = 10 * 60_000;

/** Why linking ended without an account. */
export type LinkFailure = LoginError['code'] | 'session_down';

export interface LinkingDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Both are called once at most for each `begin`, after `begin` itself has resolved or rejected its first step. `words`: the connector's. */
  onLinked(account: Account): void;
  onFailed(failure: LinkFailure, words: string | undefined): void;
}

interface Attempt {
  readonly handle: SessionHandle;
  readonly flow: LoginFlow;
  readonly stop: AbortController;
  readonly endsAt: number;
}

/** The wizard that links one session: keeps the step that is asked of the person now, and renews it when it expires. */
export class Linking {
  readonly #deps: LinkingDeps;
  #attempt: Attempt | undefined;
  #step: LoginStep | undefined;
  #doneUntil = 0;
  #waiters: { resolve: (step: LoginStep) => void; reject: (error: Error) => void }[] = [];

  constructor(deps: LinkingDeps) {
    this.#deps = deps;
  }

  get isUnderWay(): boolean {
    return this.#attempt !== undefined;
  }

  /** The step now asked of the person. Throws `no_link_in_progress`. */
  current(): LoginStep {
    const isStale = this.#attempt === undefined && this.#deps.clock.monotonic() > this.#doneUntil;
    if (this.#step === undefined || isStale) throw new BellhopError('no_link_in_progress');
    return this.#step;
  }

  /** Resolves with the first step. Rejects with `link_method_unsupported`, `link_rejected`, `link_failed` or `session_down`. */
  async begin(handle: SessionHandle, flow: LoginFlow): Promise<LoginStep> {
    await this.cancel();
    const endsAt = this.#deps.clock.monotonic() + LINK_LIFETIME_MS;
    const attempt: Attempt = { handle, flow, stop: new AbortController(), endsAt };
    this.#attempt = attempt;
    const first = this.#nextStep(FIRST_STEP_TIMEOUT_MS);
    void this.#run(attempt);
    try {
      return await first;
    } catch (error) {
      await this.cancel();
      throw error;
    }
  }

  /** Hands over what the person typed and resolves with the step after it. */
  async answer(input: Readonly<Record<string, string>>): Promise<LoginStep> {
    const attempt = this.#attempt;
    if (attempt === undefined) throw new BellhopError('no_link_in_progress');
    const step = this.#step;
    if (step?.type !== 'input') throw new BellhopError('link_input_unexpected');
    const missing = step.fields.find((field) => (input[field.id] ?? '').trim() === '');
    if (missing !== undefined)
      throw new BellhopError('invalid_request', { pointer: missing.id, detail: `Expected the field ${missing.id}.` });
    const asked = Object.fromEntries(step.fields.map((field) => [field.id, input[field.id] ?? '']));
    const next = this.#nextStep(ANSWER_TIMEOUT_MS);
    next.catch(() => undefined); // Both may fail; the first failure is the one that is told.
    try {
      await attempt.handle.call('answerLogin', asked, { timeoutMs: ANSWER_TIMEOUT_MS, signal: attempt.stop.signal });
    } catch (error) {
      throw toLinkError(error);
    }
    try {
      return await next;
    } catch (error) {
      if (error instanceof BellhopError && error.code === 'link_failed' && this.#attempt === attempt) return step;
      throw error;
    }
  }

  /** Idempotent. Neither callback follows. */
  async cancel(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#step = undefined;
    if (attempt === undefined) return;
    attempt.stop.abort(new LoginError('cancelled'));
    this.#rejectWaiters(new BellhopError('no_link_in_progress'));
    try {
      await attempt.handle.call('cancelLogin', undefined, { timeoutMs: ANSWER_TIMEOUT_MS });
    } catch (error) {
      this.#deps.log.warn('login not cancelled', { error: error instanceof Error ? error : String(error) });
    }
  }

  async #run(attempt: Attempt): Promise<void> {
    for (;;) {
      try {
        const account = await this.#follow(attempt);
        if (account !== undefined && this.#end(attempt)) this.#deps.onLinked(account);
        return;
      } catch (error) {
        const hadStep = this.#step !== undefined;
        const mayRenew = hadStep && isRenewable(error) && this.#deps.clock.monotonic() < attempt.endsAt;
        if (mayRenew && (await this.#pause(attempt))) continue;
        this.#fail(attempt, error);
        return;
      }
    }
  }

  /** Follows one login until an account is linked; `undefined` when it was cancelled meanwhile. */
  async #follow(attempt: Attempt): Promise<Account | undefined> {
    const { handle, stop } = attempt;
    await handle.call('beginLogin', attempt.flow, { timeoutMs: FIRST_STEP_TIMEOUT_MS, signal: stop.signal });
    for (;;) {
      const step = await handle.call('nextLoginStep', undefined, {
        timeoutMs: Math.max(1, attempt.endsAt - this.#deps.clock.monotonic()),
        signal: stop.signal,
      });
      if (this.#attempt !== attempt) return undefined;
      this.#step = step;
      for (const waiter of this.#waiters.splice(0)) waiter.resolve(step);
      if (step.type === 'complete') return step.account;
    }
  }

  #end(attempt: Attempt): boolean {
    if (this.#attempt !== attempt) return false;
    this.#attempt = undefined;
    this.#doneUntil = this.#deps.clock.monotonic() + DONE_SHOWN_MS;
    return true;
  }

  #fail(attempt: Attempt, error: unknown): void {
    if (this.#attempt !== attempt) return;
    const hadStep = this.#step !== undefined;
    this.#rejectWaiters(toLinkError(error));
    if (!hadStep) return; // `begin` tells its caller and tidies up.
    this.#attempt = undefined;
    this.#step = undefined;
    const isTimeUp = this.#deps.clock.monotonic() >= attempt.endsAt;
    const failure = error instanceof LoginError ? error.code : isTimeUp ? 'expired' : 'session_down';
    this.#deps.onFailed(failure, error instanceof LoginError ? wordsOf(error) : undefined);
  }

  /** False when linking was cancelled meanwhile. */
  async #pause(attempt: Attempt): Promise<boolean> {
    try {
      await sleep(this.#deps.clock, RENEW_PAUSE_MS, attempt.stop.signal);
      return true;
    } catch {
      return false;
    }
  }

  #nextStep(timeoutMs: number): Promise<LoginStep> {
    const step = new Promise<LoginStep>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    return withDeadline(
      this.#deps.clock,
      timeoutMs,
      step,
      () => new BellhopError('link_failed', { detail: 'The network did not answer in time.' }),
    );
  }

  #rejectWaiters(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

/** Nobody scanned in time, or the line broke: another code may do. What was refused or cancelled stays so. */
function isRenewable(error: unknown): boolean {
  return error instanceof LoginError && (error.code === 'expired' || error.code === 'network');
}

/** What the connector says to the person who links; it holds nothing that was typed. */
function wordsOf({ message, code }: LoginError): string | undefined {
  return message === code ? undefined : message;
}

/** Words of the connector travel as `detail`. */
function toLinkError(error: unknown): BellhopError {
  if (error instanceof BellhopError) return error;
  if (!(error instanceof LoginError)) return new BellhopError('link_failed', { cause: error });
  const detail = wordsOf(error);
  const facts = { cause: error, ...(detail === undefined ? {} : { detail }) };
  switch (error.code) {
    case 'unsupported':
      return new BellhopError('link_method_unsupported', facts);
    case 'rejected':
    case 'outdated':
      return new BellhopError('link_rejected', facts);
    case 'cancelled':
      return new BellhopError('no_link_in_progress', { cause: error });
    case 'expired':
    case 'network':
      return new BellhopError('link_failed', facts);
  }
}
