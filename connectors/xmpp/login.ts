import type { LoginFlow, LoginProcess, LoginStep } from '../../src/connector-api/index.ts';
import { LoginError } from '../../src/connector-api/index.ts';
import type { LineEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import { parseAddress } from './ids.ts';
import type { StoredAccount } from './stored-account.ts';

export interface LoginDeps {
  readonly flow: LoginFlow;
  /** Aborts when the session is closed under the login. */
  readonly signal: AbortSignal;
  /** Logs in and out again; resolves with why it could not. */
  readonly tryAccount: (account: StoredAccount, signal: AbortSignal) => Promise<LineEnd | undefined>;
  readonly keep: (account: StoredAccount) => void;
}

/** Asks for address and password, one after the other, and tries them on the server. Nothing is kept before that. */
export class XmppLogin implements LoginProcess {
  readonly #deps: LoginDeps;
  readonly #cancelled = new AbortController();
  #step: LoginStep | undefined;
  #failure: LoginError | undefined;
  #address: string | undefined;
  #wake: () => void = () => undefined;

  constructor(deps: LoginDeps) {
    this.#deps = deps;
    const label = 'Address of the account, as in desk@chat.example';
    this.#step = { type: 'input', fields: [{ id: 'address', label }] };
    if (deps.flow.method !== 'password') this.#failure = new LoginError('unsupported', 'XMPP links by password');
    deps.signal.addEventListener('abort', () => this.#fail(new LoginError('cancelled')), { once: true });
  }

  async next(): Promise<LoginStep> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const step = this.#step;
      this.#step = undefined;
      if (step !== undefined) return step;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#address === undefined) this.#takeAddress(input['address'] ?? '');
    else await this.#takePassword(this.#address, input['password'] ?? '');
  }

  async cancel(): Promise<void> {
    this.#fail(new LoginError('cancelled'));
  }

  #takeAddress(text: string): void {
    const reading = parseAddress(text.trim());
    if (!reading.ok) throw this.#fail(new LoginError('rejected', reading.expected));
    this.#address = reading.address;
    this.#show({ type: 'input', fields: [{ id: 'password', label: 'Password' }] });
  }

  async #takePassword(address: string, password: string): Promise<void> {
    const account = { address, password };
    const end = await this.#deps.tryAccount(account, this.#cancelled.signal);
    if (this.#failure !== undefined) throw this.#failure;
    if (end !== undefined) throw this.#fail(errorOf(end));
    this.#deps.keep(account);
    this.#show({ type: 'complete', account: { address } });
  }

  #show(step: LoginStep): void {
    this.#step = step;
    this.#wake();
  }

  /** Only the first reason counts. */
  #fail(error: LoginError): LoginError {
    this.#failure ??= error;
    this.#cancelled.abort();
    this.#wake();
    return this.#failure;
  }
}

function errorOf(end: LineEnd): LoginError {
  const { kind, code } = toDisconnectCause(end);
  return new LoginError(kind === 'logged_out' || kind === 'banned' ? 'rejected' : 'network', code);
}
