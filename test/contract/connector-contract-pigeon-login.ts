import type { Account, LoginFlow, LoginProcess, LoginStep, SessionContext } from '../../src/connector-api/index.ts';
import { LoginError } from '../../src/connector-api/index.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';
import type { PigeonAccount, PigeonNetwork } from './connector-contract-pigeon-network.ts';

interface PigeonLoginDeps {
  readonly context: SessionContext<unknown>;
  readonly network: PigeonNetwork;
  readonly flow: LoginFlow;
  readonly mistake: Mistake | undefined;
}

export class PigeonLogin implements LoginProcess {
  readonly #deps: PigeonLoginDeps;
  #asked = false;
  #linked: PigeonAccount | undefined;
  #wake: () => void = () => undefined;
  #isCancelled = false;

  constructor(deps: PigeonLoginDeps) {
    this.#deps = deps;
  }

  async next(): Promise<LoginStep> {
    this.#failIfCancelled();
    if (!this.#asked) {
      this.#asked = true;
      if (this.#deps.flow.method === 'qr') {
        return { type: 'display', display: 'qr', data: 'pigeon', expiresAt: this.#deps.context.clock.now() + 60_000 };
      }
      return { type: 'input', fields: [{ id: 'password', label: 'Password' }] };
    }
    while (this.#linked === undefined) {
      this.#failIfCancelled();
      this.#linked = this.#scanned();
      if (this.#linked === undefined) await Promise.race([turn(), new Promise<void>((wake) => (this.#wake = wake))]);
    }
    this.#keep(this.#linked);
    return { type: 'complete', account: accountOf(this.#linked) };
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    const accounts = [...this.#deps.network.accounts.values()];
    const account = accounts.find(({ password }) => password === input['password']);
    if (account === undefined) throw new LoginError('rejected');
    this.#linked = account;
    this.#wake();
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    const [account] = this.#deps.network.accounts.values();
    if (this.#deps.mistake === 'keeps credentials of a cancelled login' && account !== undefined) this.#keep(account);
    this.#wake();
  }

  #failIfCancelled(): void {
    if (this.#isCancelled) throw new LoginError('cancelled');
  }

  #scanned(): PigeonAccount | undefined {
    if (this.#deps.flow.method !== 'qr') return undefined;
    return [...this.#deps.network.accounts.values()].at(-1);
  }

  #keep(account: PigeonAccount): void {
    this.#deps.context.vault.secrets.set('pigeon', 'address', Buffer.from(account.address));
  }
}

/** The one kind of account here; only such a one has buttons. */
export const PIGEON_KIND = 'carrier';

export const accountOf = ({ address }: PigeonAccount): Account => ({ address, kind: PIGEON_KIND });

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
