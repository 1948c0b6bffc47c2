import type { Account, LoginFlow, LoginProcess, LoginStep } from '../../src/connector-api/index.ts';
import { LoginError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ConnectionEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import type { CodeSocket } from './login-code.ts';
import { requestCode } from './login-code.ts';
import { StepQueue } from './login-steps.ts';
import type { Line } from './socket.ts';

/** Baileys' rhythm, which is WhatsApp Web's: the first code lives a minute, each further one 20 s. */
const FIRST_QR_LIFETIME_MS = 60_000;
const NEXT_QR_LIFETIME_MS = 20_000;
/** A code to type is good as long as the connection that shows it, which six QR references keep open. */
const CODE_LIFETIME_MS = 180_000;
const QR_REFERENCES = 6;
/** After the phone's confirmation the server closes at once, with 515. */
const RESTART_TIMEOUT_MS = 15_000;

const RESTART_REQUIRED = 515;
const OUT_OF_CODES = 408;
const E164 = /^\+[1-9]\d{6,14}$/;

export interface LoginDeps {
  readonly flow: LoginFlow;
  readonly clock: Clock;
  /** Aborts when the session is closed under the login: the line goes, the vault is no longer ours to change. */
  readonly signal: AbortSignal;
  readonly openLine: (options: {
    onQr: (text: string) => void;
    onPaired: () => void;
    qrLifetimeMs?: number;
  }) => Promise<Pick<Line, 'close' | 'ended'> & { readonly sock: CodeSocket }>;
  /** The account in the vault once the link is complete. */
  readonly account: () => Account | undefined;
  /** Erases what a failed or cancelled link left. */
  readonly forget: () => Promise<void>;
}

type LoginLine = Awaited<ReturnType<LoginDeps['openLine']>>;

/** Links the account: by a QR code that a phone scans, or by a code that a person types into it. */
export class WhatsAppLogin implements LoginProcess {
  readonly #deps: LoginDeps;
  readonly #steps = new StepQueue();
  #line: LoginLine | undefined;
  #phone: string | undefined;
  #shown = 0;
  #isPaired = false;
  #isStarted = false;
  #isOver = false;

  constructor(deps: LoginDeps) {
    this.#deps = deps;
    this.#phone = deps.flow.phone;
    deps.signal.addEventListener('abort', () => void this.#abandon(), { once: true });
  }

  next(): Promise<LoginStep> {
    this.#start();
    return this.#steps.next();
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    const phone = input['phone'];
    if (this.#deps.flow.method !== 'code' || this.#phone !== undefined || this.#isOver || phone === undefined) {
      throw new LoginError('unsupported', 'nothing was asked');
    }
    if (!E164.test(phone)) throw new LoginError('rejected', 'expected E.164 as in +4915112345678');
    this.#phone = phone;
    void this.#run();
  }

  async cancel(): Promise<void> {
    await this.#fail(new LoginError('cancelled'));
  }

  #start(): void {
    if (this.#isStarted || this.#isOver) return;
    this.#isStarted = true;
    const { method } = this.#deps.flow;
    if (method !== 'qr' && method !== 'code') {
      void this.#fail(new LoginError('unsupported', 'WhatsApp links by qr or code'));
    } else if (method === 'code' && this.#phone === undefined) {
      this.#steps.push({ type: 'input', fields: [{ id: 'phone', label: 'Phone number of the account, E.164' }] });
    } else if (method === 'code' && !E164.test(this.#phone ?? '')) {
      void this.#fail(new LoginError('rejected', 'expected E.164 as in +4915112345678'));
    } else {
      void this.#run();
    }
  }

  async #run(): Promise<void> {
    const isCode = this.#deps.flow.method === 'code';
    try {
      const line = await this.#deps.openLine({
        onQr: (text) => (isCode ? void this.#showCode() : this.#showQr(text)),
        onPaired: () => {
          this.#isPaired = true;
          this.#deps.clock.after(RESTART_TIMEOUT_MS, () => void this.#line?.close());
        },
        ...(isCode ? { qrLifetimeMs: CODE_LIFETIME_MS / QR_REFERENCES } : {}),
      });
      this.#line = line;
      if (this.#isOver) await line.close();
      else await this.#onEnded(await line.ended);
    } catch (error) {
      await this.#fail(error instanceof Error ? error : new LoginError('network'));
    }
  }

  #showQr(data: string): void {
    const lifetimeMs = this.#shown === 0 ? FIRST_QR_LIFETIME_MS : NEXT_QR_LIFETIME_MS;
    this.#shown += 1;
    const expiresAt = this.#deps.clock.now() + lifetimeMs;
    this.#steps.push({ type: 'display', display: 'qr', data, expiresAt });
  }

  /** The first QR reference shows that the server is ready to be asked for a code; the others only keep the line open. */
  async #showCode(): Promise<void> {
    this.#shown += 1;
    if (this.#shown > 1 || this.#line === undefined) return;
    const expiresAt = this.#deps.clock.now() + CODE_LIFETIME_MS;
    try {
      const data = await requestCode(this.#line.sock, this.#phone ?? '', this.#deps.clock);
      this.#steps.push({ type: 'display', display: 'code', data, expiresAt });
    } catch (error) {
      await this.#fail(error instanceof Error ? error : new LoginError('network'));
    }
  }

  async #onEnded(end: ConnectionEnd): Promise<void> {
    if (this.#isOver) return;
    const statusCode = end.type === 'closed' ? end.statusCode : undefined;
    const account = this.#isPaired && statusCode === RESTART_REQUIRED ? this.#deps.account() : undefined;
    if (account === undefined) return this.#fail(errorOf(end, this.#shown > 0));
    this.#isOver = true;
    await this.#line?.close();
    this.#steps.push({ type: 'complete', account });
  }

  async #abandon(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#steps.fail(new LoginError('cancelled'));
    await this.#line?.close();
  }

  /** Ends the login and everything that it had begun; only the first reason counts. */
  async #fail(error: Error): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#line?.close();
    await this.#deps.forget();
    this.#steps.fail(error);
  }
}

function errorOf(end: ConnectionEnd, wasShown: boolean): LoginError {
  if (end.type !== 'closed' || end.statusCode === undefined) return new LoginError('network', end.type);
  if (end.statusCode === OUT_OF_CODES) return new LoginError(wasShown ? 'expired' : 'network');
  if (toDisconnectCause(end).kind === 'client_outdated')
    return new LoginError('outdated', `WhatsApp refuses this client version (${end.statusCode})`);
  const isRefusal = end.statusCode >= 400 && end.statusCode < 420;
  return new LoginError(isRefusal ? 'rejected' : 'network', `WhatsApp answered ${end.statusCode}`);
}
