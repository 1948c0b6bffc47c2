import type {
  Connector,
  ConnectorEvent,
  ConnectorSession,
  LoginFlow,
  LoginStep,
  MediaPort,
  SendResult,
  SessionVault,
  SessionVitals,
} from '../connector-api/index.ts';
import { hasVitals, SendError } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { withDeadline } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { SessionOperation, SessionOperations, SessionSpec } from '../engine/ports/connector-host.ts';
import { EventWindow } from './event-window.ts';
import type { OpenedSession } from './methods.ts';
import { checkedInput } from './operations.ts';
import { readVitals } from './process-pulse.ts';
import { redactedError } from './redact.ts';
import { recallAccount, rememberAccount } from './remembered-account.ts';
import { RuntimeLogin } from './runtime-login.ts';
import { featuresOf, runOptional } from './session-features.ts';

/** How long closing waits for each thing the connector has to end; its own `disconnect` must be done within 5 s. */
const CLOSE_STEP_MS = 6_000;

/** A vault that somebody opened for one session and that is closed with it. */
export type ClosableVault = SessionVault & { close(): void };

export interface RuntimeSessionDeps {
  readonly spec: SessionSpec;
  readonly connector: Connector<unknown>;
  readonly vault: ClosableVault;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Takes an event to the daemon; resolves once it is durable there. */
  readonly deliver: (event: ConnectorEvent) => Promise<void>;
}

/** One open session on the connector's side: runs its operations in turn and keeps its events in order. */
export class RuntimeSession {
  readonly #session: ConnectorSession;
  readonly #vault: ClosableVault;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #window: EventWindow;
  readonly #ending = new AbortController();
  #login: RuntimeLogin | undefined;
  #lifecycle: Promise<unknown> = Promise.resolve();
  #busy = 0;
  #closing: Promise<void> | undefined;

  constructor(deps: RuntimeSessionDeps) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#window = new EventWindow({ deliver: deps.deliver });
    this.#session = deps.connector.createSession({
      sessionId: deps.spec.sessionId,
      config: deps.spec.config,
      ...(deps.spec.clientVersion === undefined ? {} : { clientVersion: deps.spec.clientVersion }),
      vault: deps.vault,
      media: deps.media,
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      signal: this.#ending.signal,
      emit: (event) => this.#window.emit(event),
    });
  }

  describe(): OpenedSession {
    const account = recallAccount(this.#vault);
    return {
      features: featuresOf(this.#session),
      linked: this.#session.isLinked(),
      ...(account === undefined ? {} : { account }),
    };
  }

  /** How its line is doing; undefined where the connector tells nothing, or nothing of use. Never throws. */
  vitals(): SessionVitals | undefined {
    if (this.#closing !== undefined || !hasVitals(this.#session)) return undefined;
    try {
      return readVitals(this.#session.vitals());
    } catch (error) {
      this.#log.debug('a connector failed to tell its vital signs', { error: redactedError(error) });
      return undefined;
    }
  }

  /** Runs one operation. `signal` aborts when the daemon no longer waits for it. */
  async run(operation: SessionOperation, input: unknown, signal: AbortSignal): Promise<unknown> {
    const session = this.#session;
    switch (operation) {
      case 'connect':
        return this.#inTurn(() => this.#connect(signal));
      case 'disconnect':
        return this.#inTurn(() => session.disconnect());
      case 'logout':
        return this.#inTurn(() => session.logout());
      case 'beginLogin':
        return this.#inTurn(async () => this.#beginLogin(checkedInput('beginLogin', input)));
      case 'nextLoginStep':
        return this.#nextLoginStep(signal);
      case 'answerLogin':
        return this.#currentLogin().answer(checkedInput('answerLogin', input));
      case 'cancelLogin':
        return this.#login?.cancel();
      case 'send':
        return this.#send(checkedInput('send', input), signal);
      case 'setTyping':
      case 'markRead':
      case 'react':
      case 'edit':
      case 'deleteForEveryone':
      case 'setPresence':
      case 'probe':
      case 'sendCanary':
        return runOptional(session, operation, input);
    }
  }

  /** Ends everything and closes the vault, whatever the connector does. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What a kill does: nothing is said to anybody, the vault is let go. For the inline host. */
  abandon(): void {
    this.#closing ??= Promise.resolve();
    this.#window.close();
    this.#ending.abort(closed());
    this.#vault.close();
  }

  async #close(): Promise<void> {
    if (this.#busy > 0) this.#ending.abort(closed()); // what waits in there must end first
    await this.#orGiveUp(Promise.resolve(this.#login?.cancel()));
    await this.#orGiveUp(this.#inTurn(() => this.#session.disconnect()));
    this.#ending.abort(closed());
    this.#window.close();
    this.#vault.close();
  }

  async #orGiveUp(work: Promise<unknown>): Promise<void> {
    try {
      await withDeadline(this.#clock, CLOSE_STEP_MS, work, () => new Error('not done in time'));
    } catch (error) {
      this.#log.warn('a session did not close cleanly', { error: error instanceof Error ? error : undefined });
    }
  }

  // A connection that nobody waits for any more must not live on unseen.
  async #connect(signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const connected = await this.#session.connect();
    if (signal.aborted) await this.#session.disconnect();
    rememberAccount(this.#vault, connected.account, this.#log);
    return connected;
  }

  #beginLogin(flow: LoginFlow): void {
    this.#login = new RuntimeLogin(this.#session.beginLogin(flow));
  }

  async #nextLoginStep(signal: AbortSignal): Promise<LoginStep> {
    const step = await this.#currentLogin().next(signal);
    if (step.type === 'complete') {
      this.#login = undefined;
      rememberAccount(this.#vault, step.account, this.#log);
    }
    return step;
  }

  #currentLogin(): RuntimeLogin {
    if (this.#login === undefined) throw new BellhopError('no_link_in_progress');
    return this.#login;
  }

  async #send(message: SessionOperations['send']['input'], signal: AbortSignal): Promise<SendResult> {
    try {
      return await this.#session.send(message, { signal });
    } catch (error) {
      if (error instanceof SendError) throw error;
      // The contract allows SendErrors only; of anything else nobody knows how far it came.
      throw new SendError('internal_error', { certainty: 'maybe_sent', retryable: false, cause: error });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    const run = this.#lifecycle.then(work).finally(() => {
      this.#busy -= 1;
    });
    this.#lifecycle = run.catch(() => undefined);
    return run;
  }
}

function closed(): BellhopError {
  return new BellhopError('session_down', { detail: 'The session is closed.' });
}
