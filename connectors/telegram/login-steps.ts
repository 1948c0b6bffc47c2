import type { Account, LoginField, LoginStep } from '../../src/connector-api/index.ts';
import { LoginError } from '../../src/connector-api/index.ts';

const WHERE_TO_SCAN = "On the account's phone: Settings › Devices › Link Desktop Device, then scan.";

interface Typed {
  readonly take: (text: string) => void;
  readonly fail: (error: Error) => void;
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The conversation of a login, seen from both sides: the login shows and asks, one after the other; the host fetches steps and
 * hands in answers. A step that was replaced before anybody fetched it is dropped: only the newest can still be acted on.
 */
export class LoginSteps {
  #latest: LoginStep | undefined;
  #failure: Error | undefined;
  #fetching: Waiting<LoginStep> | undefined;
  #field: LoginField['id'] | undefined;
  #typed: Typed | undefined;
  /** The answer whose fate is open. */
  #answer: Waiting<void> | undefined;

  // The host's side.

  next(): Promise<LoginStep> {
    const step = this.#latest;
    this.#latest = undefined;
    if (step !== undefined) return Promise.resolve(step);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#fetching = { resolve, reject };
    });
  }

  answer(input: Readonly<Record<string, string>>): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const text = this.#field === undefined ? undefined : input[this.#field];
    const typed = this.#typed;
    if (text === undefined || typed === undefined) {
      return Promise.reject(new LoginError('unsupported', 'nothing was asked'));
    }
    this.#typed = undefined;
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      typed.take(text.trim());
    });
  }

  // The login's side.

  show(data: string, expiresAt: number): void {
    this.#push({ type: 'display', display: 'qr', data, expiresAt, label: WHERE_TO_SCAN });
  }

  /** Resolves with what the person typed. What was typed before is thereby accepted. */
  ask(field: LoginField): Promise<string> {
    this.#field = field.id;
    const typed = this.#expect();
    this.#push({ type: 'input', fields: [field] });
    return typed;
  }

  /** What was typed is refused, and may be typed once more: the step stays. */
  askAgain(reason: LoginError): Promise<string> {
    const typed = this.#expect();
    this.#answer?.reject(reason);
    this.#answer = undefined;
    return typed;
  }

  complete(account: Account): void {
    this.#push({ type: 'complete', account });
  }

  /** Only the first reason counts. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#latest = undefined;
    this.#answer?.reject(error);
    this.#fetching?.reject(error);
    this.#typed?.fail(error);
    this.#answer = undefined;
    this.#fetching = undefined;
    this.#typed = undefined;
  }

  #expect(): Promise<string> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((take, fail) => {
      this.#typed = { take, fail };
    });
  }

  #push(step: LoginStep): void {
    if (this.#failure !== undefined) return;
    if (step.type !== 'input') this.#typed = undefined;
    const waiting = this.#fetching;
    this.#fetching = undefined;
    if (waiting === undefined) this.#latest = step;
    else waiting.resolve(step);
    this.#answer?.resolve();
    this.#answer = undefined;
  }
}
