import type {
  Account,
  Connected,
  ConnectorEvent,
  DisconnectCause,
  LoginStep,
  OutboundMessage,
} from '../../src/connector-api/index.ts';
import { DisconnectError, LoginError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type {
  CallOptions,
  ConnectorHost,
  SessionFeature,
  SessionHandle,
  SessionListener,
  SessionOperation,
  SessionOperations,
  SessionPulse,
  SessionSpec,
} from '../../src/engine/ports/index.ts';

const ALL_FEATURES: readonly SessionFeature[] = ['typing', 'readMarks', 'react', 'edit', 'delete'];
const ACCOUNT = { address: '+15550000001', displayName: 'Front desk' };

/** What a test says of a pulse. */
export interface FakePulse {
  readonly pushes: number;
  readonly silentForMs: number;
  readonly oldestPendingMs: number;
  readonly loopLagMs: number;
}

/** One account of the scripted network, over all processes that ever run it. */
export class FakeLine {
  /** What each call of `connect` does, in turn; when it is empty the network accepts. */
  readonly connects: (DisconnectCause | 'hang' | Error)[] = [];
  /** Why the network refuses a client version; undefined lets it in. Asked when `connects` is empty. */
  accepts: (version: string | undefined) => DisconnectCause | undefined = () => undefined;
  /** What each opening of the session was told to announce. */
  readonly versions: (string | undefined)[] = [];
  /** What each attempt to connect announced. */
  readonly announced: (string | undefined)[] = [];
  account: Account = ACCOUNT;
  /** What each `send` does, in turn; when it is empty the network takes the message. */
  readonly sends: ((message: OutboundMessage, signal: AbortSignal | undefined) => Promise<void>)[] = [];
  /** What the host answers to `open`, in turn. */
  readonly opens: Error[] = [];
  readonly calls: { readonly operation: SessionOperation; readonly input: unknown; readonly at: number }[] = [];
  /** Texts on the guest's phone by network id: a second message with the same id is not shown. */
  readonly phone = new Map<string, string>();
  /** Every time that the network got a message, also a repeated one. */
  readonly arrivals: { readonly networkId: string; readonly chat: string; readonly attempt: number }[] = [];
  readonly steps: (LoginStep | LoginError | Promise<LoginStep> | 'hang')[] = [];
  /** What `answerLogin` rejects with, in turn; when it is empty the network takes the answer. */
  readonly answers: Error[] = [];
  /** The id under which the network has a message from then on. */
  nameOf: (message: OutboundMessage) => string = (message) => message.networkId;
  /** Told of each call as it arrives. */
  onCall: (operation: SessionOperation) => void = () => undefined;
  linked = true;
  isOnline = false;
  opened = 0;
  closed = 0;
  sendsUnderWay = 0;
  mostSendsUnderWay = 0;
  features: readonly SessionFeature[] = ALL_FEATURES;
  /** Whether each opening wanted a process that never ran the session. */
  readonly freshProcesses: boolean[] = [];
  /** The token of the latest canary that was sent. */
  lastCanary = '';
  /** What the network does with a canary; by default it comes back at once. */
  onCanary: (token: string) => Promise<void> | void = (token) => this.returnCanary(token);
  /** What the network answers to a probe, as a round trip in ms; `hang`: nothing. */
  onProbe: () => number | 'hang' | Error = () => 5;
  #pushes = 0;
  #listener: SessionListener | undefined;
  #kill: (() => void) | undefined;

  async emit(event: ConnectorEvent): Promise<void> {
    if (this.#listener === undefined) throw new Error('not open');
    await this.#listener.onEvent(structuredClone(event));
  }

  /** Something that is no event of the contract. */
  async emitRaw(event: unknown): Promise<void> {
    await this.#listener?.onEvent(event as ConnectorEvent);
  }

  async drop(cause: DisconnectCause): Promise<void> {
    this.isOnline = false;
    await this.emit({ type: 'disconnected', cause });
  }

  /** The canary comes in. `missed`: what the check brought along. */
  returnCanary(token: string, missed?: number): Promise<void> {
    return this.emit({ type: 'canary', token, at: 0, ...(missed === undefined ? {} : { missed }) });
  }

  /** The process tells how it is; `pushes`: so many more since the last time. */
  pulse({ pushes = 0, silentForMs = 0, oldestPendingMs = 0, loopLagMs = 0 }: Partial<FakePulse> = {}): void {
    this.#pushes += pushes;
    const vitals = { silentForMs, oldestPendingMs, pushes: this.#pushes };
    const pulse: SessionPulse = { loopLagMs, vitals };
    if (this.isOnline) this.#listener?.onPulse?.(pulse);
  }

  /** A new connection counts its pushes from 0. */
  restartPushes(): void {
    this.#pushes = 0;
  }

  /** The process ends: pending calls reject, the handle is dead. */
  crash(): void {
    this.isOnline = false;
    const listener = this.#listener;
    this.#kill?.();
    this.#listener = undefined;
    listener?.onLost('killed');
  }

  attach(listener: SessionListener, kill: () => void): void {
    this.#listener = listener;
    this.#kill = kill;
  }

  count(operation: SessionOperation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** The network has the message, and the phone shows it unless it has seen its id. */
  deliver(message: OutboundMessage): void {
    const chat = message.chat.addresses[0];
    this.arrivals.push({ networkId: message.networkId, chat, attempt: message.attempt });
    const text = message.content.type === 'text' ? message.content.body : message.content.type;
    if (!this.phone.has(message.networkId)) this.phone.set(message.networkId, text);
  }
}

/** A scripted ConnectorHost: no process, no library, and a network that does what the test says. */
export class FakeHost implements ConnectorHost {
  readonly #lines = new Map<string, FakeLine>();
  readonly #now: () => number;
  isStopped = false;

  constructor(deps: { now: () => number }) {
    this.#now = deps.now;
  }

  line(sessionId: string): FakeLine {
    const known = this.#lines.get(sessionId);
    if (known !== undefined) return known;
    const line = new FakeLine();
    this.#lines.set(sessionId, line);
    return line;
  }

  async start(): Promise<void> {
    this.isStopped = false;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
  }

  async open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle> {
    const line = this.line(spec.sessionId);
    line.opened += 1;
    line.versions.push(spec.clientVersion);
    line.freshProcesses.push(spec.freshProcess === true);
    const failure = line.opens.shift();
    if (failure !== undefined) throw failure;
    return new FakeHandle(spec, line, listener, this.#now);
  }
}

class FakeHandle implements SessionHandle {
  readonly sessionId: string;
  readonly features: ReadonlySet<SessionFeature>;
  readonly linked: boolean;
  readonly account = ACCOUNT;
  readonly #version: string | undefined;
  readonly #line: FakeLine;
  readonly #now: () => number;
  readonly #death: Promise<never>;
  #isDead = false;

  constructor(spec: SessionSpec, line: FakeLine, listener: SessionListener, now: () => number) {
    this.sessionId = spec.sessionId;
    this.#version = spec.clientVersion;
    this.features = new Set(line.features);
    this.linked = line.linked;
    this.#line = line;
    this.#now = now;
    let die = (): void => undefined;
    this.#death = new Promise((_resolve, reject) => {
      die = () => reject(new BellhopError('session_down'));
    });
    this.#death.catch(() => undefined);
    line.attach(listener, () => {
      this.#isDead = true;
      die();
    });
  }

  async call<K extends SessionOperation>(
    operation: K,
    input: SessionOperations[K]['input'],
    options: CallOptions = {},
  ): Promise<SessionOperations[K]['output']> {
    if (this.#isDead) throw new BellhopError('session_down');
    const data: unknown = structuredClone(input);
    this.#line.calls.push({ operation, input: data, at: this.#now() });
    this.#line.onCall(operation);
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      stop = () => reject(new BellhopError('session_down'));
    });
    aborted.catch(() => undefined);
    if (options.signal?.aborted === true) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const answer = await Promise.race([this.#perform(operation, data, options.signal), this.#death, aborted]);
      return answer as SessionOperations[K]['output'];
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    this.#isDead = true;
    this.#line.isOnline = false;
    this.#line.closed += 1;
  }

  async #perform(operation: SessionOperation, input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    switch (operation) {
      case 'connect':
        return this.#connect();
      case 'send':
        return this.#send(input as OutboundMessage, signal);
      case 'disconnect':
        this.#line.isOnline = false;
        return undefined;
      case 'logout':
        this.#line.linked = false;
        this.#line.isOnline = false;
        return undefined;
      case 'nextLoginStep':
        return this.#nextStep();
      case 'sendCanary':
        // The host has checked the input against the operation.
        this.#line.lastCanary = (input as SessionOperations['sendCanary']['input']).token;
        await this.#line.onCanary(this.#line.lastCanary);
        return undefined;
      case 'probe':
        return this.#probe();
      case 'answerLogin': {
        const failure = this.#line.answers.shift();
        if (failure !== undefined) throw failure;
        return undefined;
      }
      default:
        return undefined;
    }
  }

  async #connect(): Promise<Connected> {
    this.#line.announced.push(this.#version);
    const script = this.#line.connects.shift();
    if (script === 'hang') return new Promise<never>(() => undefined);
    if (script instanceof Error) throw script;
    if (script !== undefined) throw new DisconnectError(script);
    const refusal = this.#line.accepts(this.#version);
    if (refusal !== undefined) throw new DisconnectError(refusal);
    this.#line.isOnline = true;
    this.#line.restartPushes();
    return { account: this.#line.account, version: this.#version ?? '1.0' };
  }

  async #send(message: OutboundMessage, signal: AbortSignal | undefined): Promise<unknown> {
    const line = this.#line;
    line.sendsUnderWay += 1;
    line.mostSendsUnderWay = Math.max(line.mostSendsUnderWay, line.sendsUnderWay);
    try {
      const script = line.sends.shift();
      if (script === undefined) line.deliver(message);
      else await script(message, signal);
      return { networkId: line.nameOf(message), acceptedAt: this.#now() };
    } finally {
      line.sendsUnderWay -= 1;
    }
  }

  async #probe(): Promise<number> {
    const answer = this.#line.onProbe();
    if (answer === 'hang') return new Promise<never>(() => undefined);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async #nextStep(): Promise<LoginStep> {
    const step = this.#line.steps.shift();
    if (step === undefined || step === 'hang') return new Promise<never>(() => undefined);
    if (step instanceof LoginError) throw step;
    if (step instanceof Promise) return step;
    if (step.type === 'complete') this.#line.linked = true;
    return step;
  }
}
