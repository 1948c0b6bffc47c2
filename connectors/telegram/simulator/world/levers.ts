import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import type { AccountRecord, Authorization } from './state.ts';
import type { WorldViolations } from './violations.ts';

interface Scope {
  /** Absent: every method. */
  readonly method?: string;
  /** Absent: everybody. */
  readonly account?: bigint;
}

interface Refusal extends Scope {
  readonly error: { readonly code: number; readonly text: string };
  left: number;
  /** The call is done first: the client is told of a failure that was none. */
  readonly isDone: boolean;
}

interface Flood extends Scope {
  readonly word: string;
  readonly until: number;
}

/** Everything that the network may answer instead of an answer, on demand. */
export class Levers {
  /** Accounts that may write to nobody new: PEER_FLOOD. */
  readonly spammers = new Set<bigint>();
  /** Accounts whose `updates.getState` is answered as it was once: it says that nothing is new. */
  readonly #frozen = new Map<bigint, { readonly pts: number; readonly qts: number }>();
  readonly #clock: Clock;
  readonly #violations: WorldViolations;
  #refusals: Refusal[] = [];
  #floods: Flood[] = [];

  constructor(deps: { readonly clock: Clock; readonly violations: WorldViolations }) {
    this.#clock = deps.clock;
    this.#violations = deps.violations;
  }

  /** The next calls get this error, `times` times; `isDone`: after they were carried out. */
  refuse(
    scope: Scope,
    error: { readonly code: number; readonly text: string },
    options: { readonly times?: number; readonly isDone?: boolean } = {},
  ): void {
    this.#refusals.push({ ...scope, error, left: options.times ?? 1, isDone: options.isDone ?? false });
  }

  /** FLOOD_WAIT_X until the time is over, X being what is left. Calling meanwhile counts as a violation after the first. */
  flood(scope: Scope, seconds: number, word = 'FLOOD_WAIT'): void {
    this.#floods.push({ ...scope, word, until: this.#clock.now() + seconds * 1000 });
    this.#told.clear();
  }

  /** Everything works again. */
  clear(): void {
    this.#refusals = [];
    this.#floods = [];
    this.spammers.clear();
    this.#frozen.clear();
    this.#told.clear();
  }

  readonly #told = new Set<Flood>();

  /** Throws what this call gets instead; called before it is carried out. */
  before(method: string, authorization: Authorization): void {
    this.#floods = this.#floods.filter(({ until }) => until > this.#clock.now());
    const flood = this.#floods.find((one) => isMeant(one, method, authorization));
    if (flood !== undefined) {
      if (this.#told.has(flood)) this.#violations.record('called_while_waiting', method);
      this.#told.add(flood);
      const seconds = Math.max(1, Math.ceil((flood.until - this.#clock.now()) / 1000));
      throw new RpcError(420, `${flood.word}_${seconds}`);
    }
    this.#strike(method, authorization, false);
  }

  /** Throws what this call gets although it was carried out. */
  after(method: string, authorization: Authorization): void {
    this.#strike(method, authorization, true);
  }

  /** What the account's state is now it remains, whatever happens. Differences tell the truth. */
  freezeState({ id, box, votes }: AccountRecord): void {
    this.#frozen.set(id, { pts: box.pts, qts: votes.qts });
  }

  /** What `updates.getState` tells in place of `state`. */
  stateFor({ id }: AccountRecord, state: TlObject): TlObject {
    return { ...state, ...this.#frozen.get(id) };
  }

  mayWriteToStrangers(account: AccountRecord): boolean {
    return !this.spammers.has(account.id);
  }

  #strike(method: string, authorization: Authorization, isDone: boolean): void {
    const refusal = this.#refusals.find((one) => one.isDone === isDone && isMeant(one, method, authorization));
    if (refusal === undefined) return;
    refusal.left -= 1;
    if (refusal.left <= 0) this.#refusals = this.#refusals.filter((one) => one !== refusal);
    throw new RpcError(refusal.error.code, refusal.error.text);
  }
}

function isMeant(scope: Scope, method: string, { accountId }: Authorization): boolean {
  return (scope.method ?? method) === method && (scope.account === undefined || scope.account === accountId);
}
