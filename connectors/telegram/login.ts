import type { LoginFlow, LoginProcess, LoginStep } from '../../src/connector-api/index.ts';
import { LoginError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { toLoginError } from './login-errors.ts';
import type { LoginLine } from './login-line.ts';
import { logInByQr } from './login-qr.ts';
import { LoginSteps } from './login-steps.ts';
import type { LoggedIn } from './login-user.ts';
import { logInByCode } from './login-user.ts';
import type { StoredAccount } from './stored-account.ts';
import { toAccount } from './stored-account.ts';
import type { TlObject } from './tl.ts';
import { listAt, objectAt } from './tl-fields.ts';

export interface LoginDeps {
  readonly flow: LoginFlow;
  readonly clock: Clock;
  /** Aborts when the session is closed under the login: the line goes, the vault is no longer ours to change. */
  readonly signal: AbortSignal;
  /** What a login of a person's account needs; throws a LoginError that names what is missing. */
  readonly api: () => { readonly apiId: number; readonly apiHash: string };
  readonly openLine: (onUpdates: (updates: TlObject) => void) => LoginLine;
  /** The account as it is kept. */
  readonly describe: (user: LoggedIn, line: LoginLine) => StoredAccount;
  /** Asks the Bot API whose token it is. Rejects with a LoginError. */
  readonly verifyToken: (token: string, signal: AbortSignal) => Promise<StoredAccount>;
  /** Durable when it returns. */
  readonly keep: (account: StoredAccount) => void;
}

/** Links an account: by a QR code, by the code that Telegram sends to a number, or by the token of a bot. */
export class TelegramLogin implements LoginProcess {
  readonly #deps: LoginDeps;
  readonly #steps = new LoginSteps();
  readonly #cancelled = new AbortController();
  #line: LoginLine | undefined;
  #scanned: () => void = () => undefined;
  #running: Promise<void> | undefined;
  #isOver = false;

  constructor(deps: LoginDeps) {
    this.#deps = deps;
    deps.signal.addEventListener('abort', () => void this.cancel(), { once: true });
  }

  next(): Promise<LoginStep> {
    this.#running ??= this.#run();
    return this.#steps.next();
  }

  answer(input: Readonly<Record<string, string>>): Promise<void> {
    return this.#steps.answer(input);
  }

  async cancel(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#steps.fail(new LoginError('cancelled'));
      this.#cancelled.abort();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    let isKept = false;
    try {
      const account = await this.#logIn();
      if (this.#isOver) return;
      this.#deps.keep(account);
      isKept = true;
      this.#isOver = true;
      await this.#line?.close();
      this.#steps.complete(toAccount(account));
    } catch (error) {
      this.#isOver = true;
      this.#steps.fail(error instanceof BellhopError ? error : toLoginError(error)); // no engine is installed
    } finally {
      // Nobody knows how far a call went that was given up: what it may have authorised is taken back.
      if (!isKept) await this.#line?.logOut();
      await this.#line?.close();
    }
  }

  async #logIn(): Promise<StoredAccount> {
    const { flow, clock, api, openLine, describe } = this.#deps;
    if (flow.method === 'bot') return this.#logInBot();
    if (flow.method !== 'qr' && flow.method !== 'code') {
      throw new LoginError('unsupported', 'Telegram links by qr, code or bot');
    }
    const keys = api();
    this.#line = openLine((updates) => this.#onUpdates(updates));
    const deps = { ...keys, line: this.#line, steps: this.#steps, signal: this.#cancelled.signal };
    const scanned = (): Promise<void> =>
      new Promise((resolve) => {
        this.#scanned = resolve;
      });
    const user =
      flow.method === 'qr' ? await logInByQr({ ...deps, clock, scanned }) : await logInByCode(deps, flow.phone);
    return describe(user, this.#line);
  }

  /** A mistyped token may be typed again. */
  async #logInBot(): Promise<StoredAccount> {
    let typed = await this.#steps.ask({ id: 'token', label: 'Token of the bot, from @BotFather' });
    for (;;) {
      try {
        return await this.#deps.verifyToken(typed, this.#cancelled.signal);
      } catch (error) {
        const reason = toLoginError(error);
        if (reason.code !== 'rejected') throw reason;
        typed = await this.#steps.askAgain(reason);
      }
    }
  }

  #onUpdates(updates: TlObject): void {
    const single = objectAt(updates, 'update');
    const all = single === undefined ? listAt(updates, 'updates') : [single];
    if (all.some((update) => update._ === 'updateLoginToken')) this.#scanned();
  }
}
